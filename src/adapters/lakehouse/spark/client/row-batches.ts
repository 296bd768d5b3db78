import type { SparkColumn, SparkValue } from './column-reader.ts';
import type { Deadline } from './deadline.ts';
import type { FinishedStatement } from './statement.ts';

export interface RowBatch {
  columns: readonly SparkColumn[];
  rows: SparkValue[][];
  /** Of the answer they came in. */
  sizeBytes: number;
}

/** Few at first, for they may be large; then about so many bytes at once. */
const FIRST_ROWS = 100;
const MOST_ROWS = 10_000;
const WANTED_BYTES = 2 * 1024 * 1024;
const GROWTH = 10;

/**
 * The rows of a finished statement, a bounded number at a time; the first batch may be empty, for its columns. `newDeadline` makes the one
 * of each call: how long the reader takes over a batch does not count.
 */
export async function* rowBatches(
  statement: FinishedStatement,
  newDeadline: () => Deadline,
  firstRows = FIRST_ROWS,
): AsyncGenerator<RowBatch, void, undefined> {
  const columns = await statement.columns(newDeadline());
  if (columns.length === 0) return;
  for (let maxRows = firstRows, isFirst = true; ; isFirst = false) {
    const { rows, sizeBytes } = await statement.fetch(columns.length, maxRows, newDeadline());
    if (rows.length > 0 || isFirst) yield { columns, rows, sizeBytes };
    if (rows.length === 0) return;
    const fitting = Math.floor((rows.length * WANTED_BYTES) / sizeBytes);
    maxRows = Math.max(1, Math.min(fitting, maxRows * GROWTH, MOST_ROWS));
  }
}
