import type { MappingRow } from '../../db/queries/load-mappings.ts';
import type { StagedColumn, StagedTable } from '../../db/queries/staging.ts';
import type { LoadMode } from '../../domain/connector-state.ts';
import { FIVETRAN_METADATA, isFivetranTable } from '../../domain/fivetran-staging.ts';
import { type LakeType, parseLakeType } from '../../domain/lake-type.ts';
import { stagingColumnName } from '../../domain/staging-names.ts';
import { lakeTypeOfStaging } from '../../domain/staging-type.ts';
import { InvalidError } from '../../errors.ts';
import { fieldFits } from '../../transform/pass-through.ts';
import type { StreamTarget } from './plan-streams.ts';

export interface PlannedColumn {
  sourceColumn: string;
  /** As format_type() prints it; arrays are read as JSON and say so. */
  stagingType: string;
  targetColumn: string;
  targetType: LakeType;
  /** Nobody has said the target type: it is what the staged one suggests. */
  untyped: boolean;
  transformFn: string | null;
}

export interface TablePlan {
  stream: string;
  table: StagedTable;
  targetTable: string;
  /** Columns whose values are written. */
  columns: PlannedColumn[];
  /** Columns the table gets but this run has nothing for. */
  emptyColumns: PlannedColumn[];
  /** Target columns that tell rows apart; empty: append. */
  keys: string[];
  mode: LoadMode;
  /** Mapped fields the staging table has never had. */
  missingFields: string[];
}

/**
 * What a stream's load writes. A mapped field its staging table lacks was never delivered (loaders add columns and never drop one):
 * its transform, if it has one, runs on null; otherwise the column is made and left alone. It is named in the stats of the run. When such
 * a field is part of the key, or no mapped field is there, the mapping is of something else: InvalidError `load.source_column_missing`.
 * Two fields mapped to one column: `load.target_column_twice`. Nothing to load at all: `load.no_columns`.
 */
export function planTable(target: StreamTarget, loadMode: LoadMode): TablePlan {
  const { stream, table, targetTable, mappings } = target;
  const all = mappings ? mappings.map((mapping) => mappedColumn(table, mapping)) : passThrough(table);
  if (all.length === 0)
    throw new InvalidError('load.no_columns', `Stream "${stream}" has no columns to load.`);
  const missing = all.filter(({ present }) => !present);
  const keys = keysOf(table, all);
  refuseMissing(stream, all, missing);
  refuseTwice(stream, all);
  const empty = missing.filter(({ transformFn }) => transformFn === null);
  return {
    stream,
    table,
    targetTable,
    columns: all.filter((column) => !empty.includes(column)).map(columnOf),
    emptyColumns: empty.map(columnOf),
    keys: loadMode === 'append' ? [] : keys,
    mode: loadMode === 'append' || keys.length === 0 ? 'append' : 'upsert',
    missingFields: missing.map(({ field }) => field),
  };
}

/** Whether the staged key makes the target's: as it stands, so that no two of its values become one. */
export function keysComeOnce({ keys, columns, table }: TablePlan): boolean {
  const sources = columns.filter(
    ({ targetColumn, transformFn, stagingType, targetType }) =>
      keys.includes(targetColumn) && transformFn === null && fieldFits(stagingType, targetType) !== null,
  );
  const staged = new Set(sources.map(({ sourceColumn }) => sourceColumn));
  return (
    table.primaryKey.length > 0 &&
    // Fivetran's own key is taken on trust
    !isFivetranTable(table) &&
    sources.length === keys.length &&
    table.primaryKey.every((key) => staged.has(key))
  );
}

interface Candidate extends PlannedColumn {
  field: string;
  present: boolean;
  isKey: boolean;
}

function mappedColumn(table: StagedTable, mapping: MappingRow): Candidate {
  const staged = findColumn(table, mapping.sourceField);
  return {
    field: mapping.sourceField,
    present: staged !== undefined,
    isKey: mapping.isKey,
    sourceColumn: staged?.name ?? stagingColumnName(mapping.sourceField),
    stagingType: staged ? readType(staged) : 'text',
    targetColumn: mapping.targetColumn,
    targetType: parseLakeType(mapping.targetType),
    untyped: false,
    transformFn: mapping.transformFn,
  };
}

/** By its own name, else by the only one that differs in case: other loaders fold names. */
function findColumn({ columns }: StagedTable, field: string): StagedColumn | undefined {
  const name = stagingColumnName(field);
  const exact = columns.find((column) => column.name === name);
  if (exact) return exact;
  const folded = columns.filter((column) => column.name.toLowerCase() === name.toLowerCase());
  return folded.length === 1 ? folded[0] : undefined;
}

function passThrough(table: StagedTable): Candidate[] {
  const notOfTheRow = isFivetranTable(table) ? FIVETRAN_METADATA : new Set<string>();
  return table.columns
    .filter(({ name }) => !/^_(?:sdc|ivory)_/.test(name) && !notOfTheRow.has(name))
    .map((column) => ({
      field: column.name,
      present: true,
      isKey: false,
      sourceColumn: column.name,
      stagingType: readType(column),
      targetColumn: column.name,
      targetType: lakeTypeOfStaging(column.type),
      untyped: true,
      transformFn: null,
    }));
}

function readType({ type }: StagedColumn): string {
  return type.endsWith('[]') ? 'json' : type;
}

/** The staged key when all of it is loaded, else the columns a person or a matcher marked. */
function keysOf({ primaryKey }: StagedTable, columns: readonly Candidate[]): string[] {
  const own = primaryKey.map(
    (key) => columns.find((column) => column.present && column.sourceColumn === key)?.targetColumn,
  );
  const whole = own.filter((key) => key !== undefined);
  if (whole.length > 0 && whole.length === own.length) return whole;
  return columns.filter(({ isKey }) => isKey).map(({ targetColumn }) => targetColumn);
}

function refuseMissing(stream: string, all: readonly Candidate[], missing: readonly Candidate[]): void {
  const fatal = missing.length === all.length ? missing : missing.filter(({ isKey }) => isKey);
  if (fatal.length === 0) return;
  const fields = fatal.map(({ field }) => `"${field}"`).join(', ');
  throw new InvalidError(
    'load.source_column_missing',
    `Stream "${stream}" has no ${fields}, which its mappings need: correct the mappings or the tap's selection.`,
    { errors: fatal.map(({ field }) => ({ field, message: 'is not in the staging table' })) },
  );
}

function refuseTwice(stream: string, columns: readonly Candidate[]): void {
  const byTarget = Map.groupBy(columns, ({ targetColumn }) => targetColumn);
  const twice = [...byTarget].find(([, sources]) => sources.length > 1);
  if (!twice) return;
  const fields = twice[1].map(({ field }) => `"${field}"`).join(' and ');
  throw new InvalidError(
    'load.target_column_twice',
    `Stream "${stream}" maps ${fields} to one column "${twice[0]}".`,
  );
}

function columnOf({
  sourceColumn,
  stagingType,
  targetColumn,
  targetType,
  untyped,
  transformFn,
}: Candidate): PlannedColumn {
  return { sourceColumn, stagingType, targetColumn, targetType, untyped, transformFn };
}
