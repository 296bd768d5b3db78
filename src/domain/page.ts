/** Some items of a list, in its order. */
export interface Page<Item> {
  items: Item[];
  /** Whether the list goes on after them. */
  more: boolean;
}

/** Rows to ask for when `limit` are wanted: one more tells whether there are any. */
export function oneMore(limit: number): number {
  return limit + 1;
}

/** Makes the page of `limit` items out of the rows of a query that asked for one more; null: everything was asked for. */
export function pageOf<Item>(rows: readonly Item[], limit: number | null): Page<Item> {
  if (limit === null) return { items: [...rows], more: false };
  return { items: rows.slice(0, limit), more: rows.length > limit };
}
