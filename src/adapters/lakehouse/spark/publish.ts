import { setTimeout as wait } from 'node:timers/promises';
import { InvalidError, UnavailableError } from '../../../errors.ts';
import type { CommittedBatch } from '../../../ports/lakehouse.ts';
import type { SparkSession } from './client/session.ts';
import type { SparkClient } from './client/spark-client.ts';
import { SparkUnavailableError } from './client/spark-errors.ts';
import {
  type BatchSnapshot,
  commitOf,
  findCommit,
  listBatchSnapshots,
  publishedAmong,
  refresh,
} from './commits.ts';
import { isConflict, isPathMissing } from './spark-errors.ts';

export interface Publication {
  batchId: string;
  /** Quoted. */
  table: string;
  /** Of the statement that publishes snapshot `id`. */
  publish(id: bigint): string;
  /** The statement that carries the batch into the table, made anew for the table as it is. */
  change(session: SparkSession): Promise<string>;
  /** Of an append: as many rows must be staged. */
  rows: number | null;
}

/** Each costs what staging costs; strangers' commits are far apart. */
const TRIES = 8;
const PAUSE_MS = { first: 100, longest: 5_000 };

/**
 * Stages the batch as a snapshot no reader sees and publishes it, once, whatever becomes of connections and other writers (docs/adr/0011).
 * A statement whose outcome is unknown is looked up and never repeated: UnavailableError when the look-up does not find it.
 */
export async function publishBatch(client: SparkClient, work: Publication): Promise<CommittedBatch> {
  for (let tries = 1; ; tries++) {
    try {
      return await orLookUp(client, work, () =>
        client.withSession((session) => stageAndPublish(session, work)),
      );
    } catch (error) {
      if (isPathMissing(error)) throw stageUnreadable(error);
      if (!isConflict(error)) throw error;
      if (tries === TRIES) throw contended(error);
      const pauseMs = Math.min(PAUSE_MS.first * 2 ** tries, PAUSE_MS.longest);
      await wait(pauseMs * (0.5 + Math.random()));
    }
  }
}

async function stageAndPublish(session: SparkSession, work: Publication): Promise<CommittedBatch> {
  const { table, batchId } = work;
  const before = await listBatchSnapshots(session, table, batchId);
  const earlier = await publishedAmong(session, table, before);
  if (earlier) return earlier;
  const change = await work.change(session);
  await session.set('spark.wap.id', batchId);
  await session.execute(change);
  await refresh(session, table);
  const after = await listBatchSnapshots(session, table, batchId);
  const known = new Set(before.map(({ id }) => id));
  const [own, rival] = after.filter(({ id }) => !known.has(id));
  // decisive: a MERGE is published only onto the state it was staged on, and that state is older than this look
  const meanwhile = after.length > 1 ? await publishedAmong(session, table, after) : null;
  if (meanwhile) return meanwhile;
  if (!own || rival) throw contended();
  if (work.rows !== null && own.rowsAdded !== work.rows) throw incomplete(own.rowsAdded, work.rows);
  return publish(session, work, own);
}

async function publish(
  session: SparkSession,
  work: Publication,
  staged: BatchSnapshot,
): Promise<CommittedBatch> {
  const { rows } = await session.query(work.publish(staged.id));
  const [[, current] = []] = rows;
  // the staged one became the current one as it is, unless others had committed in between
  if (current === staged.id) return commitOf(staged);
  return published(await findCommit(session, work.table, work.batchId));
}

async function orLookUp(
  client: SparkClient,
  { table, batchId }: Publication,
  commit: () => Promise<CommittedBatch>,
): Promise<CommittedBatch> {
  try {
    return await commit();
  } catch (error) {
    if (!(error instanceof SparkUnavailableError) || !error.mayHaveRun) throw error;
    const found = await findCommit(client, table, batchId).catch(() => null);
    if (found) return found;
    throw error;
  }
}

function published(found: CommittedBatch | null): CommittedBatch {
  if (found) return found;
  throw new UnavailableError('lakehouse.unavailable', 'What was published is not to be found.');
}

function incomplete(found: number, wanted: number): UnavailableError {
  return new UnavailableError(
    'lakehouse.unavailable',
    `The lakehouse staged ${found} of ${wanted} rows: nothing was published.`,
  );
}

function contended(cause?: unknown): UnavailableError {
  return new UnavailableError('lakehouse.unavailable', 'Others kept changing the table meanwhile.', {
    cause,
  });
}

function stageUnreadable(cause: unknown): InvalidError {
  return new InvalidError(
    'lakehouse.stage_unreadable',
    'Spark does not find the files under LAKEHOUSE_STAGE_URL: workers and Spark must see the same place under the same path.',
    { cause },
  );
}
