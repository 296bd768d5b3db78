/** A decimal by its digits, as the store printed them. */
export interface Decimal {
  decimal: string;
}

/**
 * A value as a store answered it. number: doubles, nan and infinities included; bigint: every whole number; string: text, uuid, dates as
 * YYYY-MM-DD, timestamps as ISO 8601 (with Z where the store knows the instant), times; Map: structs, maps, nodes, in order.
 */
export type StoreValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Decimal
  | StoreValue[]
  | Map<string, StoreValue>;
