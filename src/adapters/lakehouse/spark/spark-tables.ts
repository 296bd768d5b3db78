import { formatLakeType, isNestedType, type LakeType } from '../../../domain/lake-type.ts';
import { addedFields, holdsLosslessly } from '../../../domain/lake-type-widening.ts';
import { InvalidError, UnavailableError } from '../../../errors.ts';
import type { BatchSpec, LakeColumn, LakeTable } from '../../../ports/lakehouse.ts';
import type { SparkStatements } from './client/session.ts';
import { isMadeAlready, isUnknownRelation } from './spark-errors.ts';
import { checkColumns, type SparkNames, sameName, sparkColumn } from './spark-names.ts';
import { readyProperties, TABLE_PROPERTIES, upsertProperty } from './spark-properties.ts';
import { commentOf, lakeTypeOf, sparkType } from './spark-types.ts';

interface ExistingColumn {
  name: string;
  /** As Spark prints it. */
  described: string;
  /** Null: not a type loads write. */
  type: LakeType | null;
}

/** Two workers that make or change a table at once take turns by trying again. */
const TRIES = 5;

/** Columns in order; null when there is no such table. A column of a type Ivory does not write reads as text. */
export async function describeTable(
  spark: SparkStatements,
  names: SparkNames,
  namespace: string,
  table: string,
): Promise<LakeTable | null> {
  const existing = await listColumns(spark, names.table(namespace, table));
  return existing && tableOf(namespace, table, existing);
}

/** Makes the table, or what it lacks. */
export async function ensureTable(
  spark: SparkStatements,
  names: SparkNames,
  spec: BatchSpec,
): Promise<LakeTable> {
  checkColumns(spec);
  const table = names.table(spec.namespace, spec.table);
  for (let tries = 1; tries <= TRIES; tries++) {
    const existing = await listColumns(spark, table);
    if (!existing) {
      if (await isDone(() => spark.execute(creation(spec, table)))) return specified(spec);
      continue;
    }
    const changes = changesOf(spec, table, existing);
    if (changes.length === 0) {
      await readyProperties(spark, table, spec);
      return tableOf(spec.namespace, spec.table, existing);
    }
    await isDone(() => executeAll(spark, changes));
  }
  throw new UnavailableError(
    'lakehouse.unavailable',
    `${spec.namespace}.${spec.table} is changed by others again and again.`,
  );
}

async function executeAll(spark: SparkStatements, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await spark.execute(statement);
}

/** False: somebody else was faster. */
async function isDone(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (isMadeAlready(error)) return false;
    throw error;
  }
}

function specified({ namespace, table, columns }: BatchSpec): LakeTable {
  return { namespace, table, columns: [...columns] };
}

async function listColumns(spark: SparkStatements, table: string): Promise<ExistingColumn[] | null> {
  try {
    const { rows } = await spark.query(`DESCRIBE TABLE ${table}`);
    // what follows an empty name is about partitions
    const end = rows.findIndex(([name]) => name === '');
    return rows.slice(0, end < 0 ? rows.length : end).map(([name, described, comment]) => ({
      name: String(name),
      described: String(described),
      type: lakeTypeOf(String(described), comment === null ? null : String(comment)),
    }));
  } catch (error) {
    if (isUnknownRelation(error)) return null;
    throw error;
  }
}

function tableOf(namespace: string, table: string, existing: readonly ExistingColumn[]): LakeTable {
  const columns = existing.map(({ name, type }): LakeColumn => ({ name, type: type ?? { kind: 'string' } }));
  return { namespace, table, columns };
}

function creation(spec: BatchSpec, table: string): string {
  const columns = spec.columns.map(definition).join(', ');
  return `CREATE TABLE ${table} (${columns}) USING iceberg
    TBLPROPERTIES (${[...TABLE_PROPERTIES, ...upsertProperty(spec)].join(', ')})`;
}

function definition({ name, type }: LakeColumn): string {
  const comment = commentOf(type);
  return `${sparkColumn(name)} ${sparkType(type)}${comment ? ` COMMENT '${comment}'` : ''}`;
}

/** Throws InvalidError `lakehouse.type_conflict`, before anything is changed. */
function changesOf(spec: BatchSpec, table: string, existing: readonly ExistingColumn[]): string[] {
  const byName = new Map(existing.map((column) => [sameName(column.name), column]));
  const found = (column: LakeColumn) => byName.get(sameName(column.name));
  const conflicts = spec.columns.flatMap((column) => conflictOf(column, found(column)));
  if (conflicts.length > 0) {
    throw new InvalidError(
      'lakehouse.type_conflict',
      `${spec.namespace}.${spec.table} has columns of other types: ${conflicts.map((c) => c.message).join('; ')}.`,
      { errors: conflicts },
    );
  }
  const added = spec.columns.filter((column) => !found(column)).map(definition);
  const widened = spec.columns.flatMap((column) => wideningsOf(column, found(column)));
  return [
    ...(added.length > 0 ? [`ALTER TABLE ${table} ADD COLUMNS (${added.join(', ')})`] : []),
    ...widened.map((change) => `ALTER TABLE ${table} ${change}`),
  ];
}

function conflictOf(column: LakeColumn, existing: ExistingColumn | undefined) {
  if (!existing || isHeld(column, existing) || isWidenable(column, existing)) return [];
  const { name, type } = column;
  return [
    { field: name, message: `"${name}" is ${existing.described}, the run brings ${formatLakeType(type)}` },
  ];
}

/** A STRING without our comment takes JSON too: nothing else could hold it. */
function isHeld({ type }: LakeColumn, existing: ExistingColumn): boolean {
  if (existing.type === null) return false;
  return holdsLosslessly(existing.type, type) || (existing.type.kind === 'string' && type.kind === 'json');
}

/** Somebody else's float, too. */
function isWidenable({ type }: LakeColumn, existing: ExistingColumn): boolean {
  if (existing.type === null) return existing.described === 'float' && type.kind === 'double';
  return isWidened(existing.type, type);
}

function wideningsOf(column: LakeColumn, existing: ExistingColumn | undefined): string[] {
  if (!existing || isHeld(column, existing)) return [];
  const name = sparkColumn(existing.name);
  if (!existing.type || !isNestedType(existing.type))
    return [`ALTER COLUMN ${name} TYPE ${sparkType(column.type)}`];
  const fields = addedFields(existing.type, column.type).map(
    ({ path, type }) => `${[name, ...path.map(sparkColumn)].join('.')} ${sparkType(type)}`,
  );
  const comment = commentOf(column.type);
  // first what may be said of fields that are not there yet: a try that ends in between is then gone on with
  return [
    ...(comment === null ? [] : [`ALTER COLUMN ${name} COMMENT '${comment}'`]),
    `ADD COLUMNS (${fields.join(', ')})`,
  ];
}

/** What Iceberg changes without touching a file: int to long, a decimal to more digits of the same scale, more fields in a struct. */
export function isWidened(from: LakeType, wanted: LakeType): boolean {
  if (isNestedType(from)) return addedFields(from, wanted).length > 0;
  if (wanted.kind === 'long') return from.kind === 'int';
  if (wanted.kind !== 'decimal' || from.kind !== 'decimal') return false;
  return wanted.scale === from.scale && wanted.precision > from.precision;
}
