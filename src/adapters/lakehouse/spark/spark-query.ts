import { InvalidError } from '../../../errors.ts';
import type { QueryAnswer, QueryLimits } from '../../../ports/lakehouse.ts';
import type { QueryResult, SparkSession, StatementOptions } from './client/session.ts';
import type { SparkClient } from './client/spark-client.ts';
import { SparkSqlError, SparkUnavailableError } from './client/spark-errors.ts';
import type { SparkNames } from './spark-names.ts';
import { isNested, lakeValueOf } from './spark-types.ts';
import { checkNames, checkPlan } from './statement-plan.ts';
import { checkStatementText } from './statement-text.ts';

export interface ReaderOptions {
  client: SparkClient;
  names: SparkNames;
  catalog: string;
}

/** Runs one query over the tables of a namespace. Nested values come as JSON. */
export async function queryNamespace(
  options: ReaderOptions,
  namespace: string,
  statement: string,
  limits: QueryLimits,
): Promise<QueryAnswer> {
  try {
    return answer(await readNamespaces(options, [namespace], statement, limits));
  } catch (error) {
    throw timedOut(error, limits);
  }
}

export interface ReadLimits extends QueryLimits {
  maxBytes?: number;
  signal?: AbortSignal;
}

export interface Read {
  columns: ResultColumn[];
  result: QueryResult;
}

/**
 * Runs one query over the tables of these namespaces, of which names without one mean the first. Spark itself has no readers that see some namespaces
 * only: `DESCRIBE QUERY` takes nothing but a query, and the plan Spark makes of it must not read anything else (docs/lakehouse-spark.md).
 */
export async function readNamespaces(
  { client, names, catalog }: ReaderOptions,
  namespaces: readonly string[],
  statement: string,
  { maxRows, maxBytes, timeoutMs, signal }: ReadLimits,
): Promise<Read> {
  checkStatementText(statement);
  const endsAt = performance.now() + timeoutMs;
  const left = () => ({ timeoutMs: Math.max(1, Math.ceil(endsAt - performance.now())), signal });
  return client.withSession(async (session) => {
    await session.execute(`USE ${names.namespace(namespaces[0] ?? '')}`, left());
    const explain = async () => {
      const { rows } = await session.query(`EXPLAIN EXTENDED ${statement}`, left());
      return String(rows[0]?.[0] ?? '');
    };
    const columns = await describe(session, statement, left()).catch(async (error: unknown) => {
      // what is wrong with it may tell of a table that is not the tenant's
      if (error instanceof SparkSqlError) checkNames(await explain(), catalog, namespaces);
      throw error;
    });
    checkPlan(await explain(), catalog, namespaces);
    const asked = { ...left(), maxRows, maxBytes };
    return { columns, result: await session.query(withJson(statement, columns), asked) };
  }, left());
}

export interface ResultColumn {
  name: string;
  /** As DESCRIBE QUERY names the type. */
  described: string;
}

async function describe(
  session: SparkSession,
  statement: string,
  options: StatementOptions,
): Promise<ResultColumn[]> {
  const { rows } = await session.query(`DESCRIBE QUERY ${statement}`, options);
  return rows.map(([name, described]) => ({ name: String(name), described: String(described) }));
}

/** Nothing left out: nulls within structs, and what is finer than a millisecond. */
const JSON_OPTIONS = `map('ignoreNullFields', 'false',
  'timestampFormat', 'yyyy-MM-dd\\'T\\'HH:mm:ss.SSSSSSXXX', 'timestampNTZFormat', 'yyyy-MM-dd\\'T\\'HH:mm:ss.SSSSSS')`;

/** The server prints nested values so that they cannot be read back: quotes in them are not escaped. */
function withJson(statement: string, columns: readonly ResultColumn[]): string {
  if (!columns.some(({ described }) => isNested(described))) return statement;
  const places = columns.map(({ described }, n) =>
    isNested(described) ? `to_json(c${n}, ${JSON_OPTIONS})` : `c${n}`,
  );
  const aliases = columns.map((_, n) => `c${n}`);
  return `SELECT ${places.join(', ')} FROM (${statement.replace(/[;\s]+$/, '')}\n) AS answer(${aliases.join(', ')})`;
}

function answer({ columns, result: { rows, truncated } }: Read): QueryAnswer {
  return {
    columns: columns.map(({ name }) => name),
    rows: rows.map((row) => row.map((value, n) => lakeValueOf(value, columns[n]?.described ?? ''))),
    truncated,
  };
}

function timedOut(error: unknown, { timeoutMs }: QueryLimits): unknown {
  if (!(error instanceof SparkUnavailableError) || error.code !== 'lakehouse.timeout') return error;
  return new InvalidError('lakehouse.query_timeout', `The query took longer than ${timeoutMs} ms.`, {
    cause: error,
  });
}
