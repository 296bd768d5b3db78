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

/** Rows one transaction marks; more only where more have the very same time. */
const CHUNK = 20_000;

/** Marks rows nobody has read since Fivetran wrote them, and those of runs that came to nothing. Some at a time: memory and locks stay small. */
export async function markUnread(marking: Marking, table: FivetranTable): Promise<void> {
  const at = quoteTable(table.schema, table.table);
  const isUnread = `${LOAD_COLUMN} is null`;
  const isLost = `${LOAD_COLUMN} = any($2::bigint[]) and ${LOAD_COLUMN} <> $1::bigint`;
  await chunks(marking, at, isUnread, []);
  if (marking.lostLoads.length > 0) await chunks(marking, at, isLost, [[...marking.lostLoads]]);
}

async function chunks(marking: Marking, at: string, which: string, parameters: unknown[]): Promise<void> {
  for (;;) {
    marking.signal.throwIfAborted();
    const marked = await stagingTransaction(marking, (query) =>
      query(
        `with marked as (update ${at} set ${LOAD_COLUMN} = $1::bigint
           where ctid = any(array(select ctid from ${at} where ${which} limit ${CHUNK})) returning 1)
         select count(*)::int as count from marked`,
        [marking.loadId, ...parameters],
      ),
    );
    if (countOf(marked) === 0) return;
  }
}

/** Marks the rows synced after `mark`, read before or not: the state was set back. null: all. In the order of their times, each looked at once. */
export async function markSyncedAfter(
  marking: Marking,
  table: FivetranTable,
  mark: string | null,
): Promise<void> {
  const at = quoteTable(table.schema, table.table);
  let low = mark ?? '-infinity';
  for (;;) {
    marking.signal.throwIfAborted();
    const [window] = await marking.pool
      .query<{ high: string | null }>(
        `select max(synced)::text as high from (select ${FIVETRAN_SYNCED} as synced from ${at}
           where ${FIVETRAN_SYNCED} > $1::${table.syncedType} order by 1 limit ${CHUNK}) as next`,
        [low],
      )
      .then(({ rows }) => rows);
    const high = window?.high ?? null;
    if (high === null) return;
    await stagingTransaction(marking, (query) =>
      query(
        `update ${at} set ${LOAD_COLUMN} = $1::bigint where ${LOAD_COLUMN} is distinct from $1::bigint
           and ${FIVETRAN_SYNCED} > $2::${table.syncedType} and ${FIVETRAN_SYNCED} <= $3::${table.syncedType}`,
        [marking.loadId, low, high],
      ),
    );
    low = high;
  }
}

function countOf(rows: readonly object[]): number {
  const [row] = rows;
  return row && 'count' in row ? Number(row.count) : 0;
}
