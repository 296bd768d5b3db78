import type { Pool, PoolClient } from '../db/client.ts';
import { startCopyIn } from '../db/copy-in.ts';
import { AppError, UnavailableError } from '../errors.ts';
import type { CommitGuard } from '../ports/runner.ts';

type Row = Record<string, unknown>;

/** One connection, one transaction at a time. */
export interface StagingSession {
  /** Runs `work` in a transaction with the time zone UTC; the guard is asked just before commit. Any throw rolls back. */
  transaction<T>(work: (tx: StagingTx) => Promise<T>): Promise<T>;
  /** Gives the connection back without its temporary tables. */
  close(): Promise<void>;
}

export interface StagingTx {
  run(statement: string, parameters?: (string | number | null)[]): Promise<readonly Row[]>;
  copy(statement: string, chunks: readonly Buffer[]): Promise<void>;
}

export interface SessionOptions {
  guardCommit?: CommitGuard | undefined;
  /** The connection's application_name while the load has it. */
  sessionName?: string | undefined;
  /** Ends the connection, and with it whatever it is doing. */
  signal?: AbortSignal | undefined;
  /** Called once when the connection is gone, also while nothing is asked of it. */
  onLost(error: UnavailableError): void;
}

/**
 * Takes a connection of the pool for the length of a load: temporary tables live on it. Throws UnavailableError
 * `singer.database_unavailable` when the database cannot be reached or goes away.
 */
export async function openStagingSession(pool: Pool, options: SessionOptions): Promise<StagingSession> {
  const { signal, onLost } = options;
  const client = await unlessAborted(pool.connect().catch(translateConnecting), signal);
  let lost: UnavailableError | null = null;
  let released = false;
  const lose = (cause: Error) => {
    if (lost || released) return;
    lost = unavailable(cause);
    onLost(lost);
  };
  const release = (broken: boolean) => {
    if (released) return;
    released = true;
    signal?.removeEventListener('abort', abandon);
    client.release(broken);
  };
  const abandon = () => release(true);
  const translate = (error: unknown): never => {
    throw lost ?? (AWAY.test(databaseCode(error)) ? unavailable(error) : error);
  };
  client.on('error', lose);
  if (options.sessionName) {
    await nameSession(client, options.sessionName).catch((error: unknown) => {
      // one that dies right here is given back too, or the pool would be short of it for ever
      release(true);
      return translate(error);
    });
  }
  signal?.addEventListener('abort', abandon, { once: true });
  if (signal?.aborted) abandon();
  return {
    transaction: (work) => inTransaction(client, work, options).catch(translate),
    async close() {
      const cleared = lost || released ? false : await cleaned(client);
      release(!cleared);
      client.off('error', lose);
    },
  };
}

async function nameSession(client: PoolClient, name: string): Promise<void> {
  await client.query("select set_config('application_name', $1, false)", [name]);
}

function cleaned(client: PoolClient): Promise<boolean> {
  return client.query('discard temp; reset application_name').then(
    () => true,
    () => false,
  );
}

/** The driver cannot give up waiting for a connection; the caller can. A connection that comes later goes back at once. */
async function unlessAborted(reserved: Promise<PoolClient>, signal?: AbortSignal): Promise<PoolClient> {
  if (!signal) return reserved;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([aborted.promise, reserved]);
  } catch (error) {
    reserved.then(
      (late) => late.release(),
      () => {},
    );
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function inTransaction<T>(
  client: PoolClient,
  work: (tx: StagingTx) => Promise<T>,
  { guardCommit, signal }: SessionOptions,
): Promise<T> {
  const tx = transactionOn(client);
  try {
    signal?.throwIfAborted();
    await client.query("begin; set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'");
    const value = await work(tx);
    await guardCommit?.((text, parameters) => tx.run(text, parameters.map(asParameter)));
    signal?.throwIfAborted();
    await client.query('commit');
    return value;
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

function transactionOn(client: PoolClient): StagingTx {
  return {
    async run(statement, parameters) {
      const { rows } = await client.query<Row>(statement, parameters);
      return rows;
    },
    async copy(statement, chunks) {
      const copy = await startCopyIn(client, statement);
      for (const chunk of chunks) await copy.send(chunk);
      await copy.end();
    },
  };
}

function asParameter(value: unknown): string | number | null {
  return typeof value === 'number' || value === null ? value : String(value);
}

/** SQLSTATE of a Postgres error, or the driver's own code; '' for anything else. */
export function databaseCode(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' && !(error instanceof AppError) ? code : '';
}

const AWAY = /^(08|53|57P|40|25006|CONNECT|ECONN|ENOTFOUND|EAI_|EPIPE|ETIMEDOUT|ENOENT|EHOST|ENET)/;

/** While connecting, the driver's own errors (it timed out, the server hung up) carry no code. */
function translateConnecting(error: unknown): never {
  const code = databaseCode(error);
  if (AWAY.test(code) || (code === '' && error instanceof Error && !(error instanceof AppError)))
    throw unavailable(error);
  throw error;
}

function unavailable(cause: unknown): UnavailableError {
  return new UnavailableError(
    'singer.database_unavailable',
    'The staging database cannot be reached or stopped the transaction.',
    { cause },
  );
}
