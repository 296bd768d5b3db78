import { and, asc, eq, gt, inArray, isNull, like, ne, notLike, or, type SQL, sql } from 'drizzle-orm';
import type { Cause } from '../../domain/cause.ts';
import { REFUSED_ROW_KEYS } from '../../domain/refused-record.ts';
import { quoteIdentifier, quoteTable } from '../../domain/sql-identifier.ts';
import type { DbOrTx } from '../client.ts';
import { rejectedRows, runnerJobs, syncRuns } from '../schema/index.ts';
import type { RunRow } from './run-claims.ts';
import { textOf } from './staged-rows.ts';
import { LOAD_COLUMN, type StagedTable } from './staging.ts';

export interface ReplayChoice {
  tenantId: string;
  connectorId: string;
  runId?: string;
  stream?: string;
  ids?: readonly number[];
}

/** Gives the chosen rows to a replay, but for those that were never staged. Answers how many there were. */
export async function giveToReplay(tx: DbOrTx, choice: ReplayChoice, replayRunId: string): Promise<number> {
  const { rowCount } = await tx
    .update(rejectedRows)
    .set({ replayRunId })
    .where(and(chosen(choice), notLike(rejectedRows.rowKey, REFUSED_ROW_KEYS)));
  return rowCount ?? 0;
}

/** Whether any of the chosen rows was never staged. */
export async function choosesRefused(tx: DbOrTx, choice: ReplayChoice): Promise<boolean> {
  const found = await tx
    .select({ id: rejectedRows.id })
    .from(rejectedRows)
    .where(and(chosen(choice), like(rejectedRows.rowKey, REFUSED_ROW_KEYS)))
    .limit(1);
  return found.length > 0;
}

function chosen({ tenantId, connectorId, runId, stream, ids }: ReplayChoice) {
  return and(
    eq(rejectedRows.tenantId, tenantId),
    eq(rejectedRows.connectorId, connectorId),
    isNull(rejectedRows.replayRunId),
    runId === undefined ? undefined : eq(rejectedRows.runId, runId),
    stream === undefined ? undefined : eq(rejectedRows.stream, stream),
    ids === undefined ? undefined : inArray(rejectedRows.id, [...ids]),
  );
}

/** The run of a replay: it has no tap, so it starts as a reported one. False: the connector has an unfinished run, or the id is taken. */
export async function insertReplayRun(
  tx: DbOrTx,
  { cause, ...run }: { id: string; tenantId: string; connectorId: string; cause: Cause },
): Promise<boolean> {
  const made = await tx
    .insert(runnerJobs)
    .values({
      ...run,
      ...cause,
      status: 'loading',
      trigger: 'replay',
      reportStatus: 'completed',
      scheduledFor: sql`clock_timestamp()`,
      startedAt: sql`now()`,
      reportedAt: sql`now()`,
    })
    .onConflictDoNothing()
    .returning({ id: runnerJobs.id });
  return made.length > 0;
}

export async function saveReplaySize(
  tx: DbOrTx,
  tenantId: string,
  runId: string,
  rows: number,
): Promise<void> {
  await tx
    .update(runnerJobs)
    .set({ rowsWritten: rows })
    .where(and(eq(runnerJobs.id, runId), eq(runnerJobs.tenantId, tenantId)));
}

/** Streams and target columns of what a replay was given. */
export function listReplayColumns(db: DbOrTx, run: RunRow): Promise<{ stream: string; column: string }[]> {
  return db
    .selectDistinct({ stream: rejectedRows.stream, column: rejectedRows.column })
    .from(rejectedRows)
    .where(ofReplay(run));
}

export interface ReplayEntry {
  id: number;
  /** JSON: staged column -> its text. */
  row: string;
}

/** What of a stream is not taken up yet, by id, some at a time. */
export function listReplayEntries(
  db: DbOrTx,
  run: RunRow,
  { stream, after, limit }: { stream: string; after: number; limit: number },
): Promise<ReplayEntry[]> {
  return db
    .select({ id: rejectedRows.id, row: rejectedRows.row })
    .from(rejectedRows)
    .where(and(ofReplay(run), notTakenUp(run), eq(rejectedRows.stream, stream), gt(rejectedRows.id, after)))
    .orderBy(asc(rejectedRows.id))
    .limit(limit);
}

/**
 * Marks the staged rows of these entries with the replay's load id, so that its load reads them, and the entries with it. A row is the one
 * that was rejected only while it still has the mark of that load. Answers how many were found. Doing it twice changes nothing.
 */
export async function takeUpStaged(
  tx: DbOrTx,
  run: RunRow,
  table: StagedTable,
  { ids, columns }: { ids: readonly number[]; columns: readonly string[] },
): Promise<number> {
  await tx.execute(TEXT_FORMS);
  const at = sql.raw(quoteTable(table.schema, table.table));
  const mark = sql.raw(LOAD_COLUMN);
  const found = table.primaryKey.length > 0 ? byKey(table, at) : byContent(table, at, columns);
  const { rowCount } = await tx.execute(sql`
    with wanted as (${wanted(ids)}), found as (${found}), marked as (
      update ${at} set ${mark} = ${run.loadId} where ctid in (select at from found)
    )
    update ${rejectedRows} set load_id = ${run.loadId} where id in (select id from found)`);
  return rowCount ?? 0;
}

/** Counts these entries as done whose key was delivered again since: the newer version was loaded, or is rejected on its own account. */
export async function dropSuperseded(
  tx: DbOrTx,
  run: RunRow,
  table: StagedTable,
  ids: readonly number[],
): Promise<number> {
  const at = sql.raw(quoteTable(table.schema, table.table));
  const { rowCount } = await tx.execute(sql`
    with wanted as (${wanted(ids)})
    update ${rejectedRows} set load_id = ${run.loadId} where id in (
      select wanted.id from wanted join ${at} staged on ${sameKey(table)}
      where staged.${sql.raw(LOAD_COLUMN)} > wanted.mark and wanted.mark <> ${run.loadId})`);
  return rowCount ?? 0;
}

export interface SettledGroup {
  runId: string;
  stream: string;
  count: number;
}

/** Takes what a replay took up off the list. Answers how much of which runs. What was not found stays, and says so. */
export async function settleTakenUp(tx: DbOrTx, run: RunRow, notFound: string): Promise<SettledGroup[]> {
  const gone = await tx
    .delete(rejectedRows)
    .where(and(ofReplay(run), eq(rejectedRows.loadId, run.loadId)))
    .returning({ runId: rejectedRows.runId, stream: rejectedRows.stream });
  await tx.update(rejectedRows).set({ replayRunId: null, error: notFound }).where(ofReplay(run));
  const groups = Map.groupBy(gone, ({ runId, stream }) => JSON.stringify([runId, stream]));
  return [...groups.values()].flatMap(([first, ...more]) =>
    first ? [{ ...first, count: 1 + more.length }] : [],
  );
}

/** A replay that did not end well gives everything back, and forgets what it had rejected itself. */
export async function giveBackReplay(tx: DbOrTx, run: RunRow): Promise<void> {
  await tx
    .delete(rejectedRows)
    .where(and(eq(rejectedRows.tenantId, run.tenantId), eq(rejectedRows.runId, run.id)));
  await tx.update(rejectedRows).set({ replayRunId: null }).where(ofReplay(run));
}

/** The history of a run whose rejected rows were taken up. */
export async function changeHistory(
  tx: DbOrTx,
  { tenantId, runId }: { tenantId: string; runId: string },
  change: (tables: (typeof syncRuns.$inferSelect)['tables']) => (typeof syncRuns.$inferSelect)['tables'],
  taken: number,
): Promise<void> {
  const mine = and(eq(syncRuns.id, runId), eq(syncRuns.tenantId, tenantId));
  const [history] = await tx.select({ tables: syncRuns.tables }).from(syncRuns).where(mine).for('update');
  if (!history) return;
  await tx
    .update(syncRuns)
    .set({
      tables: change(history.tables),
      transformErrors: sql`greatest(0, ${syncRuns.transformErrors} - ${taken})`,
    })
    .where(mine);
}

/** Values as the load read them when it rejected the row. */
const TEXT_FORMS = sql.raw(`set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres';
  set local bytea_output = 'hex'; set local extra_float_digits = 1; set local timezone = 'UTC'`);

function ofReplay({ tenantId, id }: RunRow) {
  return and(eq(rejectedRows.tenantId, tenantId), eq(rejectedRows.replayRunId, id));
}

function notTakenUp({ loadId }: RunRow) {
  return or(isNull(rejectedRows.loadId), ne(rejectedRows.loadId, loadId));
}

function wanted(ids: readonly number[]): SQL {
  return sql`select e.id, e.row, coalesce(e.load_id, j.load_id) as mark,
    row_number() over (partition by coalesce(e.load_id, j.load_id), e.row::text order by e.id) as place
    from ${rejectedRows} e join ${runnerJobs} j on j.id = e.run_id
    where e.id in (${sql.join(
      ids.map((id) => sql`${id}`),
      sql`, `,
    )})`;
}

function byKey(table: StagedTable, at: SQL): SQL {
  return sql`select wanted.id, staged.ctid as at from wanted join ${at} staged on ${sameKey(table)}
    where staged.${sql.raw(LOAD_COLUMN)} = wanted.mark for update of staged`;
}

function sameKey({ primaryKey, columns }: StagedTable): SQL {
  const same = primaryKey.map((key) => {
    const type = columns.find(({ name }) => name === key)?.type ?? 'text';
    return sql`staged.${sql.raw(quoteIdentifier(key))} = (wanted.row->>${key}::text)::${sql.raw(type)}`;
  });
  return sql.join(same, sql` and `);
}

/** Rows without a key are told apart by what they hold; of equal ones as many are taken as were rejected. */
function byContent(table: StagedTable, at: SQL, names: readonly string[]): SQL {
  const columns = table.columns.filter(({ name }) => names.includes(name));
  const texts = columns.map((column) => sql.raw(textOf(column)));
  const mark = sql.raw(`staged.${LOAD_COLUMN}`);
  const same = columns.map(
    ({ name }, n) => sql`candidate.${sql.raw(`c${n}`)} is not distinct from (wanted.row->>${name}::text)`,
  );
  return sql`select wanted.id, candidate.at from wanted join (
      select staged.ctid as at, ${mark} as mark, ${sql.join(
        texts.map((text, n) => sql`${text} as ${sql.raw(`c${n}`)}`),
        sql`, `,
      )}, row_number() over (partition by ${sql.join([mark, ...texts], sql`, `)} order by staged.ctid) as place
      from ${at} staged where ${mark} in (select mark from wanted)
    ) candidate on candidate.mark = wanted.mark and candidate.place = wanted.place and ${sql.join(same, sql` and `)}`;
}
