import type { CatalogColumn, CatalogTable } from '../../../domain/foundry/catalog.ts';
import type { SparkStatements, StatementOptions } from './client/session.ts';
import { isUnknownRelation } from './spark-errors.ts';
import { type SparkNames, sparkColumn } from './spark-names.ts';

export interface TableFacts {
  table: CatalogTable;
  /** Changes with every commit. */
  snapshot: string;
}

const SAMPLED = /^(string|boolean|varchar|char)\b/;
const MOST_SAMPLES = 20;
const LONGEST_SAMPLE = 100;
const LOOKED_AT_ROWS = 10_000;
/** What Ivory's own comments say is a type, or `json` and `uuid`. */
const OWN_COMMENT = /^(json|uuid|list<.*>|map<.*>|struct<.*>)$/s;

export async function listTables(
  spark: SparkStatements,
  names: SparkNames,
  namespace: string,
  options: StatementOptions,
): Promise<string[]> {
  try {
    const { rows } = await spark.query(`SHOW TABLES IN ${names.namespace(namespace)}`, options);
    return rows.map(([, table]) => String(table)).sort();
  } catch (error) {
    if (isUnknownRelation(error)) return [];
    throw error;
  }
}

/** Columns, comments, and the count of rows the last snapshot has: from metadata, no data file is read. Null: the table is gone. */
export async function describeOne(
  spark: SparkStatements,
  names: SparkNames,
  { namespace, table }: { namespace: string; table: string },
  options: StatementOptions,
): Promise<TableFacts | null> {
  try {
    const { rows } = await spark.query(`DESCRIBE TABLE EXTENDED ${names.table(namespace, table)}`, options);
    return factsOf(
      `${namespace}.${table}`,
      rows.map((row) => row.map((cell) => (cell === null ? '' : String(cell)))),
    );
  } catch (error) {
    if (isUnknownRelation(error)) return null;
    throw error;
  }
}

function factsOf(name: string, rows: readonly string[][]): TableFacts {
  const end = rows.findIndex(([first = '']) => first === '' || first.startsWith('# '));
  const about = new Map(rows.slice(Math.max(end, 0)).map(([key = '', value = '']) => [key, value]));
  const [, count] = /(\d+) rows/.exec(about.get('Statistics') ?? '') ?? [];
  const [, snapshot] = /current-snapshot-id=(\w+)/.exec(about.get('Table Properties') ?? '') ?? [];
  const columns = rows.slice(0, end < 0 ? rows.length : end).map(
    ([column = '', type = '', comment = '']): CatalogColumn => ({
      name: column,
      type,
      nullable: true,
      description: comment === '' || OWN_COMMENT.test(comment) ? null : comment,
      samples: [],
    }),
  );
  const table: CatalogTable = {
    name,
    kind: 'table',
    description: about.get('Comment') || null,
    rowCount: count === undefined ? null : Number(count),
    columns,
    keys: [],
    references: [],
    tenantColumn: null,
    timeColumn: null,
  };
  return { table, snapshot: snapshot ?? 'none' };
}

/** Values of columns that have few, from the first rows. */
export async function sampleValues(
  spark: SparkStatements,
  quotedName: string,
  columns: readonly CatalogColumn[],
  options: StatementOptions,
): Promise<ReadonlyMap<string, string[]>> {
  const sampled = columns.filter(({ type }) => SAMPLED.test(type));
  if (sampled.length === 0) return new Map();
  const places = sampled.map(
    ({ name }, n) => `substr(CAST(${sparkColumn(name)} AS STRING), 1, ${LONGEST_SAMPLE + 1}) AS c${n}`,
  );
  const lists = sampled.map(
    (_, n) => `to_json(slice(sort_array(collect_set(c${n})), 1, ${MOST_SAMPLES + 1}))`,
  );
  const { rows } = await spark.query(
    `SELECT ${lists.join(', ')} FROM (SELECT ${places.join(', ')} FROM ${quotedName} LIMIT ${LOOKED_AT_ROWS})`,
    options,
  );
  return new Map(sampled.map(({ name }, n) => [name, fewOf(rows[0]?.[n])]));
}

/** Only where there are few, and none of them a whole text. */
function fewOf(json: unknown): string[] {
  const values: unknown = typeof json === 'string' ? JSON.parse(json) : [];
  const texts = Array.isArray(values) ? values.map(String) : [];
  const isLow = texts.length <= MOST_SAMPLES && texts.every((text) => text.length <= LONGEST_SAMPLE);
  return isLow ? texts : [];
}
