import type { CommittedBatch } from '../../../ports/lakehouse.ts';
import type { SparkStatements } from './client/session.ts';
import { isUnknownRelation } from './spark-errors.ts';

/** A snapshot that was staged or published under a batch's WAP id. */
export interface BatchSnapshot {
  id: bigint;
  rowsAdded: number;
  committedAt: Date;
}

/** The commit of a batch, if it is part of what readers see. */
export async function findCommit(
  spark: SparkStatements,
  table: string,
  batchId: string,
): Promise<CommittedBatch | null> {
  try {
    await refresh(spark, table);
    return await publishedAmong(spark, table, await listBatchSnapshots(spark, table, batchId));
  } catch (error) {
    if (isUnknownRelation(error)) return null;
    throw error;
  }
}

/** A server may keep a table in mind as it was, whatever a session has asked for. */
export async function refresh(spark: SparkStatements, table: string): Promise<void> {
  await spark.execute(`REFRESH TABLE ${table}`);
}

/** Every snapshot of the batch the table has, whether readers see it or not. */
export async function listBatchSnapshots(
  spark: SparkStatements,
  table: string,
  batchId: string,
): Promise<BatchSnapshot[]> {
  const { rows } = await spark.query(
    `SELECT snapshot_id, COALESCE(summary['added-records'], '0'), committed_at FROM ${table}.snapshots
     WHERE COALESCE(summary['wap.id'], summary['published-wap-id']) = '${batchId}'`,
  );
  return rows.map(([id, rowsAdded, committedAt]) => ({
    id: BigInt(String(id)),
    rowsAdded: Number(rowsAdded),
    committedAt: new Date(`${String(committedAt).replace(' ', 'T')}Z`),
  }));
}

/** That of them which is an ancestor of the table's current state: a staged one has the batch's id too. */
export async function publishedAmong(
  spark: SparkStatements,
  table: string,
  snapshots: readonly BatchSnapshot[],
): Promise<CommittedBatch | null> {
  if (snapshots.length === 0) return null;
  const { rows } = await spark.query(
    `SELECT snapshot_id FROM ${table}.history
     WHERE is_current_ancestor AND snapshot_id IN (${snapshots.map(({ id }) => id).join(', ')})`,
  );
  const found = snapshots.find(({ id }) => rows.some(([ancestor]) => ancestor === id));
  return found ? commitOf(found) : null;
}

export function commitOf({ rowsAdded, committedAt }: BatchSnapshot): CommittedBatch {
  return { rowsLoaded: rowsAdded, committedAt };
}
