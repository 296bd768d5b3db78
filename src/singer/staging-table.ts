import { alternativeTableName, stagingTableName } from '../domain/staging-names.ts';
import type { PgType } from './column-type.ts';
import { literal, quoted, quotedList } from './identifiers.ts';
import type { StagingTx } from './staging-session.ts';
import type { Column, StreamPlan } from './stream-plan.ts';
import { conversion, widerType } from './widen.ts';

export const LOAD_COLUMN: Column = { name: '_ivory_load_id', type: 'bigint' };
const COMMENT_PREFIX = 'Singer stream ';

/** The table a stream is loaded into, as it is now. */
export interface StagingTable {
  schema: string;
  table: string;
  /** Types by column name: those in the table, which may be wider than the plan's. */
  types: Map<string, PgType>;
  /** Nothing but new keys was seen so far: rows go straight into the table, half the work of a merge. */
  expectNewKeys: boolean;
}

interface ExistingTable {
  stream: string | null;
  types: Map<string, PgType>;
  primaryKey: { name: string; columns: string[] } | null;
}

/**
 * Creates the table of a stream or makes it fit: new columns are added, types widened, the primary key moved. Safe when several
 * loads do it at once. A table that carries another stream's name is left alone and this stream gets a name with a hash.
 * `loadId`: digits of the load, null where rows carry none.
 */
export async function ensureStagingTable(
  tx: StagingTx,
  schema: string,
  plan: StreamPlan,
  loadId: string | null,
): Promise<StagingTable> {
  await tx.run('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`ivory.staging ${schema}`]);
  await ensureSchema(tx, schema);
  const { table, existing } = await findTable(tx, schema, plan.stream);
  const columns = loadId === null ? plan.columns : [...plan.columns, LOAD_COLUMN];
  const at = `${quoted(schema)}.${quoted(table)}`;
  const types = existing ? await adapt(tx, at, existing, columns) : await create(tx, at, plan, columns);
  if (existing) await adaptKey(tx, at, existing, plan.keys);
  if (existing && loadId !== null) await ensureLoadIndex(tx, at, loadId);
  return { schema, table, types, expectNewKeys: existing === null };
}

/** Gives one column a wider type. */
export async function widenColumn(
  tx: StagingTx,
  target: StagingTable,
  column: string,
  to: PgType,
): Promise<void> {
  const from = target.types.get(column) ?? to;
  await alterType(tx, `${quoted(target.schema)}.${quoted(target.table)}`, column, from, to);
  target.types.set(column, to);
}

/**
 * What finds a load's rows among those of others. The first load of a table has it all to itself: an index would find nothing sooner,
 * and filling it with as many equal entries takes longer than the rows.
 */
async function ensureLoadIndex(tx: StagingTx, at: string, loadId: string): Promise<void> {
  const name = LOAD_COLUMN.name;
  const [found] = await tx.run(
    `select exists (select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
       where i.indrelid = $1::regclass and a.attname = $2) or coalesce(
         (select first.${quoted(name)} = $3::text::bigint from (select ${quoted(name)} from ${at} limit 1) as first),
         not exists (select from ${at})) as ready`,
    [at, name, loadId],
  );
  if (found?.['ready'] !== true) await tx.run(`create index on ${at} (${quoted(name)})`);
}

async function ensureSchema(tx: StagingTx, schema: string): Promise<void> {
  const found = await tx.run('select 1 from pg_namespace where nspname = $1', [schema]);
  if (found.length === 0) await tx.run(`create schema if not exists ${quoted(schema)}`);
}

async function findTable(tx: StagingTx, schema: string, stream: string) {
  const own = stagingTableName(stream);
  const existing = await describe(tx, schema, own);
  if (!existing || existing.stream === null || existing.stream === stream) return { table: own, existing };
  const table = alternativeTableName(stream);
  return { table, existing: await describe(tx, schema, table) };
}

async function describe(tx: StagingTx, schema: string, table: string): Promise<ExistingTable | null> {
  const [found] = await tx.run(
    `select c.oid::text as oid, obj_description(c.oid, 'pg_class') as comment, k.conname::text as key_name,
       array(select a.attname::text from unnest(k.conkey) with ordinality as u(num, at)
         join pg_attribute a on a.attrelid = c.oid and a.attnum = u.num order by u.at) as key_columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
       left join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
     where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p')`,
    [schema, table],
  );
  if (!found) return null;
  const columns = await tx.run(
    `select attname::text as name, format_type(atttypid, atttypmod) as type from pg_attribute
     where attrelid = $1::text::oid and attnum > 0 and not attisdropped order by attnum`,
    [String(found['oid'])],
  );
  const keyColumns = Array.isArray(found['key_columns']) ? found['key_columns'].map(String) : [];
  return {
    stream: streamOf(found['comment']),
    types: new Map(columns.map((column) => [String(column['name']), String(column['type'])])),
    primaryKey: found['key_name'] === null ? null : { name: String(found['key_name']), columns: keyColumns },
  };
}

function streamOf(comment: unknown): string | null {
  return typeof comment === 'string' && comment.startsWith(COMMENT_PREFIX)
    ? comment.slice(COMMENT_PREFIX.length)
    : null;
}

async function create(
  tx: StagingTx,
  at: string,
  plan: StreamPlan,
  columns: Column[],
): Promise<Map<string, PgType>> {
  const lines = columns.map(({ name, type }) => `${quoted(name)} ${type}`);
  if (plan.keys.length > 0) lines.push(`primary key (${quotedList(plan.keys)})`);
  await tx.run(`create table ${at} (${lines.join(', ')})`);
  const stream = plan.stream.replaceAll('\0', '');
  await tx.run(`comment on table ${at} is ${literal(COMMENT_PREFIX + stream)}`);
  return new Map(columns.map(({ name, type }) => [name, type]));
}

async function adapt(
  tx: StagingTx,
  at: string,
  existing: ExistingTable,
  columns: Column[],
): Promise<Map<string, PgType>> {
  const types = new Map(existing.types);
  for (const { name, type } of columns) {
    const current = existing.types.get(name);
    const wider = current === undefined ? type : widerType(current, type);
    if (current === undefined) await tx.run(`alter table ${at} add column ${quoted(name)} ${type}`);
    else if (wider !== current) await alterType(tx, at, name, current, wider);
    types.set(name, wider);
  }
  return types;
}

async function alterType(tx: StagingTx, at: string, column: string, from: PgType, to: PgType): Promise<void> {
  const name = quoted(column);
  await tx.run(`alter table ${at} alter column ${name} type ${to} using ${conversion(name, from, to)}`);
}

async function adaptKey(
  tx: StagingTx,
  at: string,
  { primaryKey }: ExistingTable,
  keys: string[],
): Promise<void> {
  const before = primaryKey?.columns ?? [];
  if (before.length === keys.length && keys.every((key) => before.includes(key))) return;
  if (primaryKey) await tx.run(`alter table ${at} drop constraint ${quoted(primaryKey.name)}`);
  for (const column of before.filter((name) => !keys.includes(name)))
    await tx.run(`alter table ${at} alter column ${quoted(column)} drop not null`);
  if (keys.length > 0) await tx.run(`alter table ${at} add primary key (${quotedList(keys)})`);
}
