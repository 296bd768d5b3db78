import type { CatalogColumn, CatalogTable } from '../../../domain/foundry/catalog.ts';
import type { SparkStatements, StatementOptions } from './client/session.ts';
import { isUnknownRelation } from './spark-errors.ts';
import { type SparkNames, sparkColumn } from './spark-names.ts';

export interface TableFacts {
  table: CatalogTable;
  /** Changes with every commit; null: nothing was ever written. */
  snapshot: string | null;
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

/** Columns and comments. Null: the table is gone. */
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
  const [, snapshot] = /current-snapshot-id=(\d+)/.exec(about.get('Table Properties') ?? '') ?? [];
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
    rowCount: snapshot === undefined ? 0 : null,
    columns,
    keys: [],
    references: [],
    tenantColumn: null,
    timeColumn: null,
  };
  return { table, snapshot: snapshot ?? null };
}

/** How many rows a table has, and the values of columns that have few, from its first rows. */
export interface Look {
  rowCount: number | null;
  samples: ReadonlyMap<string, string[]>;
}

export async function lookAt(
  spark: SparkStatements,
  {
    quotedName,
    snapshot,
    columns,
  }: { quotedName: string; snapshot: string; columns: readonly CatalogColumn[] },
  options: StatementOptions,
): Promise<Look> {
  const sampled = columns.filter(({ type }) => SAMPLED.test(type));
  const places = sampled.map(
    ({ name }, n) => `substr(CAST(${sparkColumn(name)} AS STRING), 1, ${LONGEST_SAMPLE + 1}) AS c${n}`,
  );
  const lists = sampled.map(
    (_, n) => `to_json(slice(sort_array(collect_set(c${n})), 1, ${MOST_SAMPLES + 1}))`,
  );
  const count = `(SELECT max(summary['total-records']) FROM ${quotedName}.snapshots WHERE snapshot_id = ${snapshot})`;
  const from =
    sampled.length === 0
      ? ''
      : ` FROM (SELECT ${places.join(', ')} FROM ${quotedName} LIMIT ${LOOKED_AT_ROWS})`;
  const { rows } = await spark.query(`SELECT ${[...lists, count].join(', ')}${from}`, options);
  const [row = []] = rows;
  const counted = row[sampled.length];
  return {
    rowCount: typeof counted === 'string' ? Number(counted) : null,
    samples: new Map(sampled.map(({ name }, n) => [name, fewOf(row[n])])),
  };
}

/** Only where there are few, and none of them a whole text. */
function fewOf(json: unknown): string[] {
  const values: unknown = typeof json === 'string' ? JSON.parse(json) : [];
  const texts = Array.isArray(values) ? values.map(String) : [];
  const isLow = texts.length <= MOST_SAMPLES && texts.every((text) => text.length <= LONGEST_SAMPLE);
  return isLow ? texts : [];
}
