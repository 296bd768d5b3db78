import { InvalidError } from '../../../errors.ts';
import type { QueryAnswer, QueryLimits } from '../../../ports/lakehouse.ts';
import type { QueryResult, SparkSession } from './client/session.ts';
import type { SparkClient } from './client/spark-client.ts';
import { SparkUnavailableError } from './client/spark-errors.ts';
import type { SparkNames } from './spark-names.ts';
import { isNested, lakeValueOf } from './spark-types.ts';
import { checkPlan } from './statement-plan.ts';
import { checkStatementText } from './statement-text.ts';

export interface ReaderOptions {
  client: SparkClient;
  names: SparkNames;
  catalog: string;
}

/**
 * Runs one query over the tables of a namespace. Spark itself has no readers that see one namespace only: `DESCRIBE QUERY` takes nothing but
 * a query, and the plan Spark makes of it must not read anything else (docs/lakehouse-spark.md). Nested values come as JSON.
 */
export async function queryNamespace(
  { client, names, catalog }: ReaderOptions,
  namespace: string,
  statement: string,
  limits: QueryLimits,
): Promise<QueryAnswer> {
  checkStatementText(statement);
  const endsAt = performance.now() + limits.timeoutMs;
  const left = () => ({ timeoutMs: Math.max(1, Math.ceil(endsAt - performance.now())) });
  try {
    return await client.withSession(async (session) => {
      await session.execute(`USE ${names.namespace(namespace)}`, left());
      const types = await describe(session, statement, left());
      const { rows: explained } = await session.query(`EXPLAIN EXTENDED ${statement}`, left());
      checkPlan(String(explained[0]?.[0] ?? ''), catalog, namespace);
      const asked = { ...left(), maxRows: limits.maxRows };
      return answer(await session.query(withJson(statement, types), asked), types);
    }, left());
  } catch (error) {
    throw timedOut(error, limits);
  }
}

interface ResultColumn {
  name: string;
  described: string;
}

async function describe(
  session: SparkSession,
  statement: string,
  options: { timeoutMs: number },
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

function answer({ rows, truncated }: QueryResult, columns: readonly ResultColumn[]): QueryAnswer {
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
