/** What a row keeps of the request that caused it, so that what follows from it in other processes can be told to belong to it. */
export interface Cause {
  requestId: string;
  /** W3C; null: it is not traced. */
  traceparent: string | null;
}
