import type { Client } from 'pg';
import { formatLakeType, type LakeType } from '../../domain/lake-type.ts';
import { holdsLosslessly, widens } from '../../domain/lake-type-widening.ts';
import { quoteIdentifier, quoteTable } from '../../domain/sql-identifier.ts';
import { InvalidError } from '../../errors.ts';
import type { BatchSpec, LakeColumn, LakeTable } from '../../ports/lakehouse.ts';
import { SQLSTATE, sqlStateOf } from './postgres-errors.ts';
import { lockTable } from './postgres-ledger.ts';
import { commentOf, lakeTypeOf, postgresType } from './postgres-types.ts';

/** Others load into the table meanwhile. */
const OTHERS_TIMEOUT = '300s';
/** Somebody reads it: new readers wait behind a change that waits. */
const READERS_TIMEOUT = '10s';

interface ExistingColumn {
  name: string;
  /** As Postgres prints it. */
  formatted: string;
  /** Null: not a type loads write. */
  type: LakeType | null;
}

/** Columns in order; null when there is no such table. A column of a type Ivory does not write reads as text. */
export async function describeTable(
  client: Client,
  namespace: string,
  table: string,
): Promise<LakeTable | null> {
  const existing = await listColumns(client, namespace, table);
  if (!existing) return null;
  const columns = existing.map(({ name, type }): LakeColumn => ({ name, type: type ?? { kind: 'string' } }));
  return { namespace, table, columns };
}

/** Makes the table or what it lacks. For a transaction of its own; one that has nothing to change waits for nobody. */
export async function ensureTable(client: Client, spec: BatchSpec): Promise<LakeTable> {
  const found = await listColumns(client, spec.namespace, spec.table);
  if (!found || !(await isReady(client, spec, found))) await changeTable(client, spec);
  const table = await describeTable(client, spec.namespace, spec.table);
  if (!table) throw new Error('the table vanished while it was made');
  return table;
}

async function isReady(
  client: Client,
  spec: BatchSpec,
  existing: readonly ExistingColumn[],
): Promise<boolean> {
  return changesOf(spec, existing).length === 0 && (!needsKey(spec) || (await hasUnique(client, spec)));
}

/** Waits for the loads under way; readers wait for it only as long as a change of a table that others read takes or is given up. */
async function changeTable(client: Client, spec: BatchSpec): Promise<void> {
  await client.query(`set local lock_timeout = '${OTHERS_TIMEOUT}'`);
  await lockTable(client, spec, 'alone');
  await client.query(`set local lock_timeout = '${READERS_TIMEOUT}'`);
  const existing = await listColumns(client, spec.namespace, spec.table);
  if (!existing) {
    await createTable(client, spec);
    return commentColumns(client, spec, []);
  }
  const changes = changesOf(spec, existing);
  if (changes.length > 0) {
    await client.query(`alter table ${quoteTable(spec.namespace, spec.table)} ${changes.join(', ')}`);
    await commentColumns(client, spec, existing);
  }
  if (needsKey(spec)) await ensureUnique(client, spec);
}

/** Says of each new or wider column what Postgres' own type does not. */
async function commentColumns(
  client: Client,
  spec: BatchSpec,
  existing: readonly ExistingColumn[],
): Promise<void> {
  const kept = new Set(existing.filter(({ name, type }) => isKept(spec, name, type)).map(({ name }) => name));
  for (const { name, type } of spec.columns) {
    const comment = commentOf(type);
    if (comment === null || kept.has(name)) continue;
    const column = `${quoteTable(spec.namespace, spec.table)}.${quoteIdentifier(name)}`;
    await client.query(`comment on column ${column} is ${client.escapeLiteral(comment)}`);
  }
}

function isKept(spec: BatchSpec, name: string, type: LakeType | null): boolean {
  const wanted = spec.columns.find((column) => column.name === name);
  return wanted === undefined || (type !== null && holdsLosslessly(type, wanted.type));
}

async function listColumns(
  client: Client,
  namespace: string,
  table: string,
): Promise<ExistingColumn[] | null> {
  const { rows } = await client.query<{ name: string | null; formatted: string; comment: string | null }>(
    `select a.attname as name, format_type(a.atttypid, a.atttypmod) as formatted,
       col_description(c.oid, a.attnum) as comment
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'v', 'm', 'f') order by a.attnum`,
    [namespace, table],
  );
  if (rows.length === 0) return null;
  return rows.flatMap(({ name, formatted, comment }) => {
    const plain = formatted.replace(/^character varying\(\d+\)$/, 'text');
    return name === null ? [] : [{ name, formatted, type: lakeTypeOf(plain, comment) }];
  });
}

async function createTable(client: Client, spec: BatchSpec): Promise<void> {
  const columns = spec.columns.map(({ name, type }) => `${quoteIdentifier(name)} ${postgresType(type)}`);
  const key = needsKey(spec) ? [`primary key (${spec.keys.map(quoteIdentifier).join(', ')})`] : [];
  try {
    await client.query(
      `create table ${quoteTable(spec.namespace, spec.table)} (${[...columns, ...key].join(', ')})`,
    );
  } catch (error) {
    if (sqlStateOf(error) !== SQLSTATE.noSchema) throw error;
    throw new InvalidError(
      'lakehouse.namespace_missing',
      `The namespace "${spec.namespace}" has not been provisioned.`,
    );
  }
}

/** Clauses of ALTER TABLE. Refuses (`lakehouse.type_conflict`) what would lose values. */
function changesOf(spec: BatchSpec, existing: readonly ExistingColumn[]): string[] {
  const byName = new Map(existing.map((column) => [column.name, column]));
  const conflicts = spec.columns.flatMap((column) => conflictOf(column, byName.get(column.name)));
  if (conflicts.length > 0) {
    throw new InvalidError(
      'lakehouse.type_conflict',
      `${spec.namespace}.${spec.table} has columns of other types: ${conflicts.map((c) => c.message).join('; ')}.`,
      { errors: conflicts },
    );
  }
  return spec.columns.flatMap(({ name, type }) => {
    const current = byName.get(name);
    if (!current) return [`add column ${quoteIdentifier(name)} ${postgresType(type)}`];
    if (current.type && holdsLosslessly(current.type, type)) return [];
    return [`alter column ${quoteIdentifier(name)} type ${postgresType(type)}`];
  });
}

function conflictOf({ name, type }: LakeColumn, existing: ExistingColumn | undefined) {
  if (!existing || (existing.type && (holdsLosslessly(existing.type, type) || widens(existing.type, type))))
    return [];
  return [
    { field: name, message: `"${name}" is ${existing.formatted}, the run brings ${formatLakeType(type)}` },
  ];
}

function needsKey(spec: BatchSpec): boolean {
  return spec.mode === 'upsert' && spec.keys.length > 0;
}

async function ensureUnique(client: Client, spec: BatchSpec): Promise<void> {
  if (await hasUnique(client, spec)) return;
  try {
    const keys = spec.keys.map(quoteIdentifier).join(', ');
    await client.query(`create unique index on ${quoteTable(spec.namespace, spec.table)} (${keys})`);
  } catch (error) {
    if (sqlStateOf(error) !== SQLSTATE.uniqueViolation) throw error;
    throw new InvalidError(
      'lakehouse.keys_not_unique',
      `${spec.namespace}.${spec.table} holds several rows with the same ${spec.keys.join(', ')}: it cannot be upserted by it.`,
    );
  }
}

async function hasUnique(client: Client, { namespace, table, keys }: BatchSpec): Promise<boolean> {
  const { rowCount } = await client.query(
    `select 1 from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2 and i.indisunique and i.indisvalid and i.indimmediate
       and i.indpred is null and i.indexprs is null
       and (select array_agg(a.attname::text order by a.attname::text) from pg_attribute a
            where a.attrelid = c.oid and a.attnum = any((i.indkey::int2[])[0:i.indnkeyatts - 1]))
         = (select array_agg(k order by k) from unnest($3::text[]) as k)`,
    [namespace, table, keys],
  );
  return (rowCount ?? 0) > 0;
}
