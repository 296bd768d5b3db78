/** What the processes of an installation have spent together of allowances that fill up again as time goes by. */
export interface SharedRates {
  /**
   * Adds what this process has spent to each allowance and answers, in the same order, in how many milliseconds each would be whole again if
   * nobody spent any more. Rejects when the store does not answer in time: then whether it was counted is not known.
   */
  spend(spent: readonly Spent[]): Promise<number[]>;
  close(): Promise<void>;
}

export interface Spent {
  key: string;
  /** Milliseconds until as much has come back; 0 only asks. */
  costMs: number;
  /** Of a whole allowance: how long it takes to fill. What is owed beyond two of them is forgotten. */
  windowMs: number;
}
