import { InvalidError } from '../../../errors.ts';
import type { BatchSpec } from '../../../ports/lakehouse.ts';

/** Hive's metastore keeps no longer table names; a folder of most file systems is named by at most 255 bytes. */
const MAX_BYTES = { table: 128, column: 255 };

/** Where Ivory keeps what is its own: whose a namespace is, and rows on their way. No tenant can be given it. */
export const META = 'ivory_meta';

export type Procedure =
  | 'cherrypick_snapshot'
  | 'expire_snapshots'
  | 'remove_orphan_files'
  | 'rewrite_data_files'
  | 'rewrite_manifests'
  | 'rewrite_position_delete_files';

/** Names of one catalog as they stand in a statement. */
export interface SparkNames {
  catalog: string;
  namespace(namespace: string): string;
  table(namespace: string, table: string): string;
  /** `catalog`.system.<name>: Iceberg's procedures. */
  procedure(name: Procedure): string;
  /** A table as an argument of one: a text with the quoted name in it. Nothing but a plain literal parses there. */
  argument(namespace: string, table: string): string;
}

export function sparkNames(catalog: string): SparkNames {
  const root = quoted(catalog);
  return {
    catalog: root,
    namespace: (namespace) => `${root}.${quoted(checkedTable(namespace))}`,
    table: (namespace, table) => `${root}.${quoted(checkedTable(namespace))}.${quoted(checkedTable(table))}`,
    argument: (namespace, table) => {
      const name = `${quoted(checkedTable(namespace))}.${quoted(checkedTable(table))}`;
      return `'${name.replaceAll(/['\\]/g, '\\$&')}'`;
    },
    procedure: (name) => `${root}.system.${name}`,
  };
}

/** A column, quoted. Throws InvalidError `identifier.invalid`. */
export function sparkColumn(name: string): string {
  return quoted(checked(name, MAX_BYTES.column));
}

/** Throws InvalidError `lakehouse.columns_collide`, `lakehouse.keys_missing`, `identifier.invalid`. */
export function checkColumns({ columns, keys, table }: Pick<BatchSpec, 'columns' | 'keys' | 'table'>): void {
  const seen = new Map<string, string>();
  for (const { name } of columns) {
    sparkColumn(name);
    const other = seen.get(sameName(name));
    if (other !== undefined) throw collide(table, other, name);
    seen.set(sameName(name), name);
  }
  const unknown = keys.find((key) => !columns.some(({ name }) => name === key));
  if (unknown === undefined) return;
  throw new InvalidError('lakehouse.keys_missing', `The key "${unknown}" is not a column of ${table}.`);
}

/** Spark finds columns without regard to case: two names that give the same here are one column. */
export function sameName(name: string): string {
  return name.toLowerCase();
}

function collide(table: string, one: string, other: string): InvalidError {
  const message = `"${one}" and "${other}" are one column for Spark, which does not tell capitals: name one of them differently.`;
  return new InvalidError('lakehouse.columns_collide', `${table}: ${message}`, {
    errors: [{ field: other, message }],
  });
}

/** Tables of many catalogs are folders. */
function checkedTable(name: string): string {
  if (name === '.' || name === '..' || name.includes('/')) throw invalid(name, MAX_BYTES.table);
  return checked(name, MAX_BYTES.table);
}

function checked(name: string, maxBytes: number): string {
  const bytes = Buffer.byteLength(name);
  if (bytes === 0 || bytes > maxBytes || /\p{Cc}/u.test(name) || !name.isWellFormed())
    throw invalid(name, maxBytes);
  return name;
}

function invalid(name: string, maxBytes: number): InvalidError {
  return new InvalidError(
    'identifier.invalid',
    `${JSON.stringify(name)} cannot name a table or column here: 1 to ${maxBytes} bytes of text without control characters, a table's without "/".`,
  );
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
