import { type ColumnType, type Property, propertyOf, typeOfProperty, widen } from './column-type.ts';

export const SOURCE_FILE = '_sdc_source_file';
export const SOURCE_LINE = '_sdc_source_lineno';

export interface Column {
  /** The property's name in the stream. */
  readonly name: string;
  /** `"name":` ready to be printed. */
  readonly label: string;
  readonly isKey: boolean;
  readonly selected: boolean;
  type: ColumnType;
  /** A schema richer than the type alone (nested Parquet, a catalog's own); dropped when the type widens. */
  detail: Property | undefined;
}

/** The columns of a stream as they are known now. They grow and widen while files are read, and say so through `changed`. */
export interface Columns {
  /** The column of a name in the file; a new one is made on first sight. */
  get(sourceName: string): Column;
  widen(column: Column, type: ColumnType, detail?: Property): void;
  /** Takes a column as an earlier run or a catalog knew it. */
  declare(name: string, property: Property): void;
  all(): Iterable<Column>;
  readonly keys: readonly string[];
  /** Set when a SCHEMA message has to go out before the next record. */
  changed: boolean;
}

export interface ColumnsOptions {
  keys: readonly string[];
  isSelected(name: string): boolean;
}

export function createColumns({ keys, isSelected }: ColumnsOptions): Columns {
  const bySource = new Map<string, Column>();
  const columns: Columns = {
    get,
    widen: widenColumn,
    declare,
    all: () => bySource.values(),
    keys,
    changed: false,
  };
  return columns;

  function get(sourceName: string): Column {
    const known = bySource.get(sourceName);
    if (known) return known;
    const name = isReserved(sourceName) ? `${sourceName}_2` : sourceName;
    const isKey = keys.includes(name);
    const label = `${JSON.stringify(name)}:`;
    const column: Column = {
      name,
      label,
      isKey,
      selected: isKey || isSelected(name),
      type: 'unknown',
      detail: undefined,
    };
    bySource.set(sourceName, column);
    if (column.selected) columns.changed = true;
    return column;
  }

  function declare(name: string, property: Property): void {
    if (isReserved(name)) return;
    const column = get(name);
    const type = typeOfProperty(property);
    if (column.type === 'unknown') {
      column.type = type;
      column.detail = property;
    } else widenColumn(column, type, property);
  }

  function widenColumn(column: Column, type: ColumnType, detail?: Property): void {
    const wider = widen(column.type, type);
    if (wider === column.type && !isNewShape(column, type, detail)) return;
    column.detail = wider === type ? detail : undefined;
    column.type = wider;
    if (column.selected) columns.changed = true;
  }
}

/**
 * The selected properties, the two metadata fields first. A column of nothing but nulls is told as a string, and from then on it is one:
 * a target could not narrow it again.
 */
export function settleProperties(columns: Columns): Record<string, Property> {
  const entries = [...columns.all()].filter(({ selected }) => selected).map(settle);
  columns.changed = false;
  return Object.fromEntries([
    [SOURCE_FILE, { type: 'string' }],
    [SOURCE_LINE, { type: 'integer' }],
    ...entries,
  ]);
}

function settle(column: Column): [string, Property] {
  if (column.type === 'unknown') column.type = 'string';
  return [column.name, column.detail ?? propertyOf(column.type)];
}

/** A nested column whose schema differs from the one known: a struct that gained a field. */
function isNewShape(column: Column, type: ColumnType, detail: Property | undefined): boolean {
  if (detail === undefined || column.type !== type || (type !== 'array' && type !== 'object')) return false;
  return JSON.stringify(column.detail) !== JSON.stringify(detail);
}

function isReserved(name: string): boolean {
  return name === SOURCE_FILE || name === SOURCE_LINE;
}
