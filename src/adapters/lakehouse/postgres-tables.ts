import type { Client } from 'pg';
import { formatLakeType, type LakeType } from '../../domain/lake-type.ts';
import { holdsLosslessly } from '../../domain/lake-type-widening.ts';
import { quoteIdentifier, quoteTable } from '../../domain/sql-identifier.ts';
import { InvalidError } from '../../errors.ts';
import type { BatchSpec, LakeColumn, LakeTable } from '../../ports/lakehouse.ts';
import { SQLSTATE, sqlStateOf } from './postgres-errors.ts';
import { lockTable } from './postgres-ledger.ts';
import { lakeTypeOf, postgresType } from './postgres-types.ts';

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

/** Makes the table or what it lacks. For a transaction of its own. */
export async function ensureTable(client: Client, spec: BatchSpec): Promise<LakeTable> {
  await lockTable(client, spec.namespace, spec.table);
  const existing = await listColumns(client, spec.namespace, spec.table);
  if (existing) await widenTable(client, spec, existing);
  else await createTable(client, spec);
  if (existing && needsKey(spec)) await ensureUnique(client, spec);
  const table = await describeTable(client, spec.namespace, spec.table);
  if (!table) throw new Error('the table vanished while it was made');
  return table;
}

async function listColumns(
  client: Client,
  namespace: string,
  table: string,
): Promise<ExistingColumn[] | null> {
  const { rows } = await client.query<{ name: string | null; formatted: string }>(
    `select a.attname as name, format_type(a.atttypid, a.atttypmod) as formatted
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'v', 'm', 'f') order by a.attnum`,
    [namespace, table],
  );
  if (rows.length === 0) return null;
  return rows.flatMap(({ name, formatted }) =>
    name === null
      ? []
      : [{ name, formatted, type: lakeTypeOf(formatted.replace(/^character varying\(\d+\)$/, 'text')) }],
  );
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

async function widenTable(
  client: Client,
  spec: BatchSpec,
  existing: readonly ExistingColumn[],
): Promise<void> {
  const byName = new Map(existing.map((column) => [column.name, column]));
  const conflicts = spec.columns.flatMap((column) => conflictOf(column, byName.get(column.name)));
  if (conflicts.length > 0) {
    throw new InvalidError(
      'lakehouse.type_conflict',
      `${spec.namespace}.${spec.table} has columns of other types: ${conflicts.map((c) => c.message).join('; ')}.`,
      { errors: conflicts },
    );
  }
  const added = spec.columns
    .filter(({ name }) => !byName.has(name))
    .map(({ name, type }) => `add column ${quoteIdentifier(name)} ${postgresType(type)}`);
  if (added.length === 0) return;
  await client.query(`alter table ${quoteTable(spec.namespace, spec.table)} ${added.join(', ')}`);
}

function conflictOf({ name, type }: LakeColumn, existing: ExistingColumn | undefined) {
  if (!existing || (existing.type && holdsLosslessly(existing.type, type))) return [];
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
