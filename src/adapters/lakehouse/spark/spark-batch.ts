import type { LakeValue } from '../../../domain/lake-type.ts';
import { InvalidError } from '../../../errors.ts';
import type { BatchSpec, CommittedBatch, LakeBatch } from '../../../ports/lakehouse.ts';
import { isUpsert, ORDER_COLUMNS } from './change-sql.ts';
import type { RowSource, RowSources } from './row-source.ts';
import { translated } from './spark-errors.ts';

export interface Counts {
  written: number;
  removed: number;
}

export interface BatchOptions {
  sources: RowSources;
  /** Publishes what the source has collected. */
  publish(source: string | null, counts: Counts): Promise<CommittedBatch>;
}

/** Rows wait in a source, each with its place in the batch; commit publishes them in one snapshot. */
export async function openBatch(spec: BatchSpec, { sources, publish }: BatchOptions): Promise<LakeBatch> {
  const columns = isUpsert(spec) ? [...spec.columns, ...ORDER_COLUMNS] : spec.columns;
  const source = await sources.open(columns, spec);
  return batchOn(spec, source, publish);
}

function batchOn(spec: BatchSpec, source: RowSource, publish: BatchOptions['publish']): LakeBatch {
  const keyAt = spec.keys.map((key) => spec.columns.findIndex(({ name }) => name === key));
  const upserts = isUpsert(spec);
  const counts: Counts = { written: 0, removed: 0 };
  let seq = 0n;
  let committed: CommittedBatch | null = null;

  function placed(values: readonly LakeValue[], removed: boolean): readonly LakeValue[] {
    if (!upserts) return values;
    if (keyAt.some((at) => (values[at] ?? null) === null)) throw keyMissing(spec);
    return [...values, seq++, removed];
  }

  async function write(rows: readonly (readonly LakeValue[])[]) {
    await source.write(rows.map((row) => placed(row, false)));
    counts.written += rows.length;
  }

  async function remove(keys: readonly (readonly LakeValue[])[]) {
    if (!upserts)
      throw new InvalidError('lakehouse.keys_missing', 'Rows are removed by key: this batch has none.');
    await source.write(keys.map((key) => placed(rowOf(spec, keyAt, key), true)));
    counts.removed += keys.length;
  }

  async function commit(): Promise<CommittedBatch> {
    committed ??= await publish(await source.finish(), counts);
    // what is left is swept later
    await source.discard().catch(() => {});
    return committed;
  }
  return {
    write: (rows) => translated(() => write(rows)),
    remove: (keys) => translated(() => remove(keys)),
    commit: () => translated(commit),
    abort: () => source.discard().catch(() => {}),
  };
}

function rowOf({ columns }: BatchSpec, keyAt: readonly number[], key: readonly LakeValue[]): LakeValue[] {
  const row: LakeValue[] = columns.map(() => null);
  keyAt.forEach((at, n) => {
    row[at] = key[n] ?? null;
  });
  return row;
}

function keyMissing({ table, keys }: BatchSpec): InvalidError {
  return new InvalidError(
    'lakehouse.key_null',
    `A row for ${table} has no value in its key (${keys.join(', ')}).`,
  );
}
