import { FIVETRAN_SYNCED } from '../../../domain/fivetran-staging.ts';
import { quoteTable } from '../../../domain/sql-identifier.ts';
import { type FivetranTable, LOAD_COLUMN } from './staging-tables.ts';
import { type StagingAccess, stagingTransaction } from './staging-transaction.ts';

export interface Marking extends StagingAccess {
  loadId: number;
  /** Marks of runs whose rows never arrived: their rows are read again. */
  lostLoads: readonly number[];
  signal: AbortSignal;
}

/** Rows one transaction marks: it holds the run's row, and no heartbeat must wait for long. */
const CHUNK = 20_000;

/** Marks rows nobody has read since Fivetran wrote them, and those of runs that came to nothing. */
export async function markUnread(marking: Marking, table: FivetranTable): Promise<void> {
  await mark(marking, table, `${LOAD_COLUMN} is null`, []);
  if (marking.lostLoads.length === 0) return;
  const isLost = `${LOAD_COLUMN} = any($2::bigint[]) and ${LOAD_COLUMN} <> $1::bigint`;
  await mark(marking, table, isLost, [[...marking.lostLoads]]);
}

/** Marks the rows synced after `after`, read before or not: the state was set back. null: all. In the order of their times, so that each is looked at once. */
export async function markSyncedAfter(
  marking: Marking,
  table: FivetranTable,
  after: string | null,
): Promise<void> {
  const type = table.syncedType;
  const inWindow = `${LOAD_COLUMN} is distinct from $1::bigint
    and ${FIVETRAN_SYNCED} > $2::${type} and ${FIVETRAN_SYNCED} <= $3::${type}`;
  for (let low = after ?? '-infinity'; ; ) {
    const high = await nextTime(marking, table, low);
    if (high === null) return;
    await mark(marking, table, inWindow, [low, high]);
    low = high;
  }
}

/** The time up to which the next rows lie; null: there are none. Many rows may have the very same. */
async function nextTime(
  { pool }: Marking,
  { schema, table, syncedType }: FivetranTable,
  low: string,
): Promise<string | null> {
  const { rows } = await pool.query<{ high: string | null }>(
    `select max(synced)::text as high from (select ${FIVETRAN_SYNCED} as synced from ${quoteTable(schema, table)}
       where ${FIVETRAN_SYNCED} > $1::${syncedType} order by 1 limit ${CHUNK}) as next`,
    [low],
  );
  return rows[0]?.high ?? null;
}

/** Gives the rows of a condition to this load, some at a time; $1 is its load id. */
async function mark(
  marking: Marking,
  { schema, table }: FivetranTable,
  which: string,
  parameters: unknown[],
): Promise<void> {
  const at = quoteTable(schema, table);
  const statement = `with marked as (update ${at} set ${LOAD_COLUMN} = $1::bigint
      where ctid = any(array(select ctid from ${at} where ${which} limit ${CHUNK})) and ${which} returning 1)
    select count(*)::int as count from marked`;
  for (;;) {
    marking.signal.throwIfAborted();
    const [marked] = await stagingTransaction(marking, (query) =>
      query<{ count: number }>(statement, [marking.loadId, ...parameters]),
    );
    if (!marked || marked.count === 0) return;
  }
}
