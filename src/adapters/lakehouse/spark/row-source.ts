import type { LakeValue } from '../../../domain/lake-type.ts';
import type { BatchSpec, LakeColumn } from '../../../ports/lakehouse.ts';

/** Rows of one batch on their way to where Spark can select them, as columns c0, c1, .. One call at a time. */
export interface RowSource {
  /** Throws InvalidError `lakehouse.value_refused` and `lakehouse.refused`. */
  write(rows: readonly (readonly LakeValue[])[]): Promise<void>;
  /** What to select them from; null: there were no rows. Twice: the same answer. */
  finish(): Promise<string | null>;
  /** Removes what is left. Safe twice. */
  discard(): Promise<void>;
}

/** Where the rows of batches wait, out of every reader's sight, until they are complete. */
export interface RowSources {
  open(columns: readonly LakeColumn[], key: Pick<BatchSpec, 'tenantId' | 'batchId'>): Promise<RowSource>;
  /** Removes what crashed workers left so long ago. */
  sweep(olderThanMs: number): Promise<void>;
  close(): Promise<void>;
}
