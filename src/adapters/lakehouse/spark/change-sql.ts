import type { BatchSpec, LakeColumn } from '../../../ports/lakehouse.ts';
import { sameName, sparkColumn } from './spark-names.ts';
import { sparkType } from './spark-types.ts';

/** A row's place in the batch, and whether it only names a key to remove: beside the columns of an upsert. */
export const ORDER_COLUMNS: readonly LakeColumn[] = [
  { name: 'seq', type: { kind: 'long' } },
  { name: 'removed', type: { kind: 'boolean' } },
];

export interface Target {
  /** Quoted. */
  table: string;
  /** All it has, in order. */
  columns: readonly LakeColumn[];
}

/** One statement that carries a whole batch from `source` (null: no rows) into the table. */
export function changeStatement(spec: BatchSpec, target: Target, source: string | null): string {
  if (source === null) return nothing(target);
  return isUpsert(spec) ? merge(spec, target, source) : insertion(spec, target, source);
}

export function isUpsert({ mode, keys }: BatchSpec): boolean {
  return mode === 'upsert' && keys.length > 0;
}

function insertion(spec: BatchSpec, target: Target, source: string): string {
  return `INSERT INTO ${target.table} ${selection(spec, target)} FROM ${source} AS source`;
}

/** A snapshot without rows: what was committed was an empty batch. */
function nothing({ table, columns }: Target): string {
  return `INSERT INTO ${table} SELECT ${columns.map(() => 'NULL').join(', ')} WHERE 1 = 0`;
}

/** Every column of the table in its order: by name Spark takes no list that leaves one out. */
function selection(spec: BatchSpec, { columns }: Target): string {
  const places = new Map(spec.columns.map(({ name }, n) => [sameName(name), n]));
  const values = columns.map(({ name }) => {
    const place = places.get(sameName(name));
    return place === undefined ? 'NULL' : cast(spec, place);
  });
  return `SELECT ${values.join(', ')}`;
}

function merge(spec: BatchSpec, { table }: Target, source: string): string {
  const keys = spec.keys.map((key) => spec.columns.findIndex(({ name }) => name === key));
  const named = spec.columns.map(({ name }, n) => ({ column: sparkColumn(name), place: `s.c${n}` }));
  const values = named.filter((_, n) => !keys.includes(n));
  const same = keys.map((n) => `t.${named[n]?.column} = s.c${n}`).join(' AND ');
  const updates = values.map(({ column, place }) => `t.${column} = ${place}`).join(', ');
  return `MERGE INTO ${table} AS t USING (${lastByKey(spec, keys, source)}) AS s ON ${same}
    WHEN MATCHED AND s.removed THEN DELETE
    ${updates === '' ? '' : `WHEN MATCHED THEN UPDATE SET ${updates}`}
    WHEN NOT MATCHED AND NOT s.removed THEN INSERT (${named.map(({ column }) => column).join(', ')})
      VALUES (${named.map(({ place }) => place).join(', ')})`;
}

/** The last thing said of each key: the only one, where the writer promises that. */
function lastByKey(spec: BatchSpec, keys: readonly number[], source: string): string {
  const [seq, removed] = [spec.columns.length, spec.columns.length + 1];
  const values = spec.columns.map((_, n) => `${cast(spec, n)} AS c${n}`).join(', ');
  const key = keys.map((n) => `c${n}`).join(', ');
  if (spec.keysOnce) return `SELECT ${values}, c${removed} AS removed FROM ${source} AS source`;
  return `SELECT ${values}, c${removed} AS removed FROM (
      SELECT *, ROW_NUMBER() OVER (PARTITION BY ${key} ORDER BY c${seq} DESC) AS nth FROM ${source} AS source
    ) WHERE nth = 1`;
}

function cast(spec: BatchSpec, n: number): string {
  const column = spec.columns[n];
  return column ? `CAST(c${n} AS ${sparkType(column.type)})` : 'NULL';
}
