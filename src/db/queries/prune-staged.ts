import { notLike, sql } from 'drizzle-orm';
import { REFUSED_ROW_KEYS } from '../../domain/refused-record.ts';
import { quoteTable } from '../../domain/sql-identifier.ts';
import type { DbOrTx } from '../client.ts';
import { connectorRetention, connectors, rejectedRows, runnerJobs, syncRuns } from '../schema/index.ts';
import { LOAD_COLUMN, type StagedTable } from './staging.ts';

const DELETED = '_sdc_deleted_at';
const VERSION = '_sdc_table_version';

/** Gives every connector its row. */
export async function noteConnectors(tx: DbOrTx): Promise<void> {
  await tx.execute(sql`insert into ${connectorRetention} (connector_id)
    select id from ${connectors} where not exists (select from ${connectorRetention} r where r.connector_id = ${connectors.id})
    on conflict do nothing`);
}

export interface ClaimedStaging {
  connectorId: string;
  schema: string;
  /** Loads up to this one were looked through. */
  from: number;
  /** Everything up to this load is in the lakehouse, for as long as asked. */
  upTo: number;
}

export interface ClaimedPage {
  claimed: ClaimedStaging[];
  more: boolean;
}

/** The connectors whose staging has waited longest to be looked at, for about a day nobody else's; of them those with loads that are old enough. */
export async function claimStagings(
  tx: DbOrTx,
  { before, limit }: { before: Date; limit: number },
): Promise<ClaimedPage> {
  const { rows } = await tx.execute<{ id: string; schema: string; from: string; up_to: string | null }>(sql`
    with due as (
      select connector_id from ${connectorRetention} where next_at <= now()
      order by next_at limit ${limit} for update skip locked
    )
    update ${connectorRetention} r set next_at = now() + interval '1 day' * (0.75 + random() / 2)
    from due join ${connectors} c on c.id = due.connector_id where r.connector_id = due.connector_id
    returning r.connector_id as id, c.staging_schema as schema, r.staged_up_to as from,
      (select good.load_id from ${syncRuns} good where good.connector_id = c.id and good.status in ('completed', 'partial')
        and good.trigger <> 'replay' and good.completed_at < ${before} order by good.load_id desc limit 1) as up_to`);
  const claimed = rows
    .map(({ id, schema, from, up_to }) => ({
      connectorId: id,
      schema,
      from: Number(from),
      upTo: Number(up_to),
    }))
    .filter(({ from, upTo }) => upTo > from);
  return { claimed, more: rows.length === limit };
}

/** Staging is looked through up to this load. */
export async function settleStaging(tx: DbOrTx, connectorId: string, upTo: number): Promise<void> {
  await tx.execute(sql`update ${connectorRetention} set staged_up_to = greatest(staged_up_to, ${upTo})
    where connector_id = ${connectorId}`);
}

/** Gives connectors back that could not be looked through in time. */
export async function releaseStagings(tx: DbOrTx, ids: readonly string[]): Promise<void> {
  await tx.execute(sql`update ${connectorRetention} set next_at = now()
    where connector_id = any(${sql.param([...ids])}::uuid[])`);
}

/** The mark of the stream's oldest staged row that is on the list of rejected ones; null: none is. 0: there is one of a run nobody knows. */
export async function findOldestRejected(
  tx: DbOrTx,
  { connectorId, stream }: { connectorId: string; stream: string },
): Promise<number | null> {
  const { rows } = await tx.execute<{ mark: string | null }>(sql`
    select min(coalesce(${rejectedRows.loadId}, j.load_id, 0)) as mark
    from ${rejectedRows} left join ${runnerJobs} j on j.id = ${rejectedRows.runId}
    where ${rejectedRows.connectorId} = ${connectorId} and ${rejectedRows.stream} = ${stream}
      and ${notLike(rejectedRows.rowKey, REFUSED_ROW_KEYS)}`);
  const mark = rows[0]?.mark;
  return mark === null || mark === undefined ? null : Number(mark);
}

/** The newest load that has rows in a table; null: it has none, or no index to find them by. */
export async function findNewestLoad(tx: DbOrTx, table: StagedTable): Promise<number | null> {
  const at = quoteTable(table.schema, table.table);
  const indexed = await tx.execute(sql`select from pg_index i
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where i.indrelid = to_regclass(${at}) and i.indisvalid and i.indpred is null and a.attname = ${LOAD_COLUMN}`);
  if (indexed.rows.length === 0) return null;
  const { rows } = await tx.execute<{ newest: string | null }>(
    sql.raw(`select max(${LOAD_COLUMN}) as newest from ${at}`),
  );
  return rows[0]?.newest ? Number(rows[0].newest) : null;
}

export interface LoadRange {
  /** Loads after this one, */
  from: number;
  /** up to and with this one. */
  upTo: number;
}

/** Places of rows in these loads that no later load can need. */
export async function findSpentRows(
  tx: DbOrTx,
  table: StagedTable,
  range: LoadRange,
  limit: number,
): Promise<string[]> {
  const { rows } = await tx.execute<{ at: string }>(
    sql.raw(`select ctid::text as at from ${quoteTable(table.schema, table.table)}
      where ${spent(table, range)} order by ${LOAD_COLUMN} limit ${BigInt(limit)}`),
  );
  return rows.map(({ at }) => at);
}

/** Deletes what is still spent of these rows and nobody else holds. Answers how many. */
export async function deleteSpentRows(
  tx: DbOrTx,
  table: StagedTable,
  range: LoadRange,
  places: readonly string[],
): Promise<number> {
  const at = sql.raw(quoteTable(table.schema, table.table));
  const { rowCount } = await tx.execute(sql`delete from ${at} where ctid = any(array(
    select ctid from ${at} where ctid = any(${sql.param([...places])}::tid[]) and ${sql.raw(spent(table, range))}
    for update skip locked))`);
  return rowCount ?? 0;
}

/**
 * A row that its source has deleted was told to the lakehouse as such. One that is there may yet be deleted by a newer version of its
 * stream (ACTIVATE_VERSION), which finds it in staging: it stays where the tap gives versions.
 */
function spent({ columns }: StagedTable, { from, upTo }: LoadRange): string {
  const has = (name: string) => columns.some((column) => column.name === name);
  const gone = [
    ...(has(DELETED) ? [`${DELETED} is not null`] : []),
    ...(has(VERSION) ? [`${VERSION} is null`] : ['true']),
  ];
  return `${LOAD_COLUMN} > ${BigInt(from)} and ${LOAD_COLUMN} <= ${BigInt(upTo)} and (${gone.join(' or ')})`;
}
