import pg from 'pg';
import type { LakeValue } from '../../domain/lake-type.ts';
import { quoteIdentifier } from '../../domain/sql-identifier.ts';
import { InvalidError } from '../../errors.ts';
import type { QueryAnswer, QueryLimits } from '../../ports/lakehouse.ts';
import { SQLSTATE, sqlStateOf } from './postgres-errors.ts';
import type { Reader } from './postgres-provision.ts';
import { parserOf } from './postgres-types.ts';

/** Time the server has, beyond the statement's own limit, to say that it stopped. */
const GRACE_MS = 2_000;

/**
 * Runs one statement as a namespace's reader, on a connection of its own that is closed after it, whatever the statement did to its
 * session. The statement becomes a cursor's: anything but one SELECT, VALUES or TABLE does not parse there.
 */
export async function queryAsReader(
  url: string,
  reader: Reader,
  namespace: string,
  statement: string,
  limits: QueryLimits,
): Promise<QueryAnswer> {
  const client = new pg.Client({
    connectionString: urlFor(url, reader),
    connectionTimeoutMillis: 10_000,
    query_timeout: limits.timeoutMs + GRACE_MS,
    application_name: 'ivory reader',
    options:
      '-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres -c extra_float_digits=1 -c bytea_output=hex',
  });
  client.on('error', () => {});
  await client.connect();
  try {
    return await run(client, namespace, statement, limits);
  } catch (error) {
    throw refused(error, limits);
  } finally {
    // Not awaited: an answer does not wait for goodbyes, and a client that is gone says none.
    client.end().catch(() => {});
  }
}

async function run(
  client: pg.Client,
  namespace: string,
  statement: string,
  limits: QueryLimits,
): Promise<QueryAnswer> {
  await client.query(`begin transaction read only;
    set local statement_timeout = ${Math.max(1, Math.ceil(limits.timeoutMs))};
    set local search_path = ${quoteIdentifier(namespace)}`);
  // A named statement goes by the extended protocol, which takes one statement only.
  await client.query({ name: 'ask', text: `declare answer no scroll cursor for ${statement}` });
  // One fetch: a second would run under whatever timeout the first had set by set_config.
  const { fields, rows } = await client.query<LakeValue[]>({
    text: `fetch forward ${limits.maxRows + 1} from answer`,
    rowMode: 'array',
    types: { getTypeParser: parserOf },
  });
  return {
    columns: fields.map(({ name }) => name),
    rows: rows.slice(0, limits.maxRows),
    truncated: rows.length > limits.maxRows,
  };
}

function urlFor(url: string, { role, password }: Reader): string {
  const own = new URL(url);
  own.searchParams.set('user', role);
  own.searchParams.set('password', password);
  return own.href;
}

function refused(error: unknown, { timeoutMs }: QueryLimits): unknown {
  if (sqlStateOf(error) !== SQLSTATE.queryCanceled) return error;
  return new InvalidError('lakehouse.query_timeout', `The query took longer than ${timeoutMs} ms.`, {
    cause: error,
  });
}
