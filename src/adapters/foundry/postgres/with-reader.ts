import { Socket } from 'node:net';
import pg from 'pg';
import { quoteIdentifier } from '../../../domain/sql-identifier.ts';
import { InvalidError } from '../../../errors.ts';
import { storeError, timedOut } from './reader-errors.ts';

/** A role that logs in by itself. A role that another only switched to could switch back from within a query. */
export interface Reader {
  role: string;
  password: string;
}

export interface ReaderSession {
  client: pg.Client;
  /** Ends what runs on the server, at once. */
  stop(): void;
}

export interface ReaderOptions {
  url: string;
  reader: Reader;
  /** Where names without a schema are looked up. */
  schemas: readonly string[];
  timeoutMs: number;
  signal: AbortSignal;
  /** Of all that the server may send. */
  maxBytes: number;
}

/** Time the server has, beyond the statement's own limit, to say that it stopped. */
const GRACE_MS = 2_000;
const CONNECT_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 10_000;
const LOOK_EVERY_MS = 50;
const SETTINGS =
  '-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres -c extra_float_digits=1 -c bytea_output=hex -c default_transaction_read_only=on';

/**
 * A connection of its own for `work`, in one read-only transaction that is never committed. When the time is over, the caller is gone or the
 * server sends too much, the server's process is ended by another login of the same role, which may do that. Throws what a QueryStore's query throws.
 */
export async function withReader<Value>(
  options: ReaderOptions,
  work: (session: ReaderSession) => Promise<Value>,
): Promise<Value> {
  const { signal, timeoutMs } = options;
  signal.throwIfAborted();
  const client = clientOf(options);
  let pid: number | null = null;
  let isOver = false;
  const stop = () => {
    if (isOver) return;
    isOver = true;
    if (pid !== null) void terminate(options, pid);
    client.end().catch(() => {});
  };
  const ended = endOf(client, options);
  try {
    const working = (async () => {
      await client.connect();
      pid = await begin(client, options);
      return work({ client, stop });
    })();
    working.catch(() => {});
    return await Promise.race([ended.promise, working]);
  } catch (error) {
    stop();
    signal.throwIfAborted();
    throw storeError(error, timeoutMs);
  } finally {
    ended.clear();
    isOver = true;
    // not awaited: an answer does not wait for goodbyes
    client.end().catch(() => {});
  }
}

function clientOf({ url, reader, timeoutMs }: ReaderOptions): pg.Client {
  const own = new URL(url);
  own.searchParams.set('user', reader.role);
  own.searchParams.set('password', reader.password);
  const client = new pg.Client({
    connectionString: own.href,
    connectionTimeoutMillis: Math.min(CONNECT_TIMEOUT_MS, timeoutMs + GRACE_MS),
    application_name: 'ivory reader',
    options: SETTINGS,
  });
  client.on('error', () => {});
  return client;
}

async function begin(client: pg.Client, { schemas, timeoutMs }: ReaderOptions): Promise<number> {
  await client.query(`begin transaction read only;
    set local statement_timeout = ${Math.max(1, Math.ceil(timeoutMs))};
    set local search_path = ${schemas.map(quoteIdentifier).join(', ') || "''"}`);
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid ?? 0;
}

async function terminate(options: ReaderOptions, pid: number): Promise<void> {
  const client = clientOf({ ...options, timeoutMs: STOP_TIMEOUT_MS });
  try {
    await client.connect();
    await client.query('select pg_terminate_backend($1)', [pid]);
  } catch {
    // its own statement_timeout ends it
  } finally {
    client.end().catch(() => {});
  }
}

function endOf(client: pg.Client, { signal, timeoutMs, maxBytes }: ReaderOptions) {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => reject(timedOut(timeoutMs)), timeoutMs + GRACE_MS);
  const looking = setInterval(() => {
    if (bytesRead(client) > maxBytes) reject(tooMuch());
  }, LOOK_EVERY_MS);
  return {
    promise,
    clear() {
      clearTimeout(timer);
      clearInterval(looking);
      signal.removeEventListener('abort', onAbort);
    },
  };
}

function bytesRead({ connection: { stream } }: pg.Client): number {
  return stream instanceof Socket ? stream.bytesRead : 0;
}

function tooMuch(): InvalidError {
  return new InvalidError(
    'foundry.query_failed',
    'The answer has values too large to be taken in: select less of them.',
  );
}
