import { FIVETRAN_SYNCED } from '../../../domain/fivetran-staging.ts';
import { quoteTable } from '../../../domain/sql-identifier.ts';
import type { StatsByStream } from '../../../domain/stats.ts';
import { type Marking, markSyncedAfter, markUnread } from './mark-rows.ts';
import * as refusals from './refusals.ts';
import type { FivetranState } from './run-state.ts';
import { type FivetranTable, LOAD_COLUMN, listFivetranTables, prepareTable } from './staging-tables.ts';
import { stagingTransaction } from './staging-transaction.ts';

export interface Picking extends Marking {
  stagingSchema: string;
  /** null: from the start. */
  state: FivetranState | null;
  onProgress(stats: StatsByStream): void;
  log(line: string): void;
}

export interface Picked {
  streams: StatsByStream;
  /** Table -> the latest `_fivetran_synced` read. */
  marks: Map<string, string>;
}

/**
 * Marks as this run's what Fivetran has written to the staging schema and no run has loaded, and what lies beyond the state's times. A row
 * is read once for each time Fivetran writes it. Done twice for one run it marks nothing twice.
 * Throws InvalidError `fivetran.schema_missing`; what `stagingTransaction` throws; the signal's reason.
 */
export async function pickRows(picking: Picking): Promise<Picked> {
  const tables = await listFivetranTables(picking.pool, picking.stagingSchema);
  if (tables === null) throw refusals.schemaMissing(picking.stagingSchema);
  const picked: Picked = { streams: {}, marks: new Map() };
  for (const table of tables) {
    picking.signal.throwIfAborted();
    if (!table.prepared) await stagingTransaction(picking, (query) => prepareTable(query, table));
    const old = picking.state?.tables.get(table.table) ?? null;
    await markUnread(picking, table);
    // a table the state does not know is new: all its rows were unread
    if (picking.state === null || old !== null) await markSyncedAfter(picking, table, old);
    const { rows, bytes, mark } = await measure(picking, table, old);
    if (mark !== null) picked.marks.set(table.table, mark);
    if (rows === 0) continue;
    picked.streams = { ...picked.streams, [table.table]: { rows, bytes } };
    picking.onProgress(picked.streams);
  }
  if (tables.length === 0) picking.log('fivetran: the staging schema holds no table of Fivetran');
  return picked;
}

interface Measured {
  rows: number;
  bytes: number;
  mark: string | null;
}

/** What the run has marked of a table, and its latest time: never before the old one, nor where four digits of a year end. */
async function measure(
  { pool, loadId }: Picking,
  { schema, table }: FivetranTable,
  old: string | null,
): Promise<Measured> {
  const { rows } = await pool.query<{ rows: string; bytes: string; mark: string | null }>(
    `select rows, bytes, case when latest is not null then to_char(least(latest, timestamptz '9999-12-31 00:00:00Z')
         at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') end as mark
     from (select count(*) as rows, coalesce(sum(pg_column_size(staged.*)), 0) as bytes,
         greatest(max(${FIVETRAN_SYNCED}) filter (where isfinite(${FIVETRAN_SYNCED}))::timestamptz, $2::timestamptz) as latest
       from ${quoteTable(schema, table)} as staged where ${LOAD_COLUMN} = $1::bigint) as counted`,
    [loadId, old],
  );
  const [row] = rows;
  return { rows: Number(row?.rows ?? 0), bytes: Number(row?.bytes ?? 0), mark: row?.mark ?? null };
}
