import type { ReservedSql } from 'postgres';
import type { Sql } from '../db/client.ts';
import { AppError, UnavailableError } from '../errors.ts';
import type { CommitGuard } from '../ports/runner.ts';
import { copyIn } from './copy-in.ts';

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
  signal?: AbortSignal | undefined;
}

/**
 * Takes a connection of the pool for the length of a load: temporary tables live on it. Throws UnavailableError
 * `singer.database_unavailable` when the database cannot be reached or goes away.
 */
export async function openStagingSession(sql: Sql, options: SessionOptions): Promise<StagingSession> {
  const connection = await unlessAborted(sql.reserve(), options.signal).catch(translate);
  const tx: StagingTx = {
    run: (statement, parameters = []) => connection.unsafe<Row[]>(statement, parameters),
    copy: (statement, chunks) => copyIn(connection, statement, chunks),
  };
  return {
    transaction: (work) => inTransaction(connection, tx, work, options),
    async close() {
      await connection.unsafe('discard temp').catch(() => {});
      connection.release();
    },
  };
}

/** The driver cannot give up waiting for a connection; the caller can. A connection that comes later goes back at once. */
async function unlessAborted(reserved: Promise<ReservedSql>, signal?: AbortSignal): Promise<ReservedSql> {
  if (!signal) return reserved;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([reserved, aborted.promise]);
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
  connection: ReservedSql,
  tx: StagingTx,
  work: (tx: StagingTx) => Promise<T>,
  { guardCommit, signal }: SessionOptions,
): Promise<T> {
  try {
    signal?.throwIfAborted();
    await connection.unsafe("begin; set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'").simple();
    const value = await work(tx);
    await guardCommit?.((text, parameters) => tx.run(text, parameters.map(asParameter)));
    signal?.throwIfAborted();
    await connection.unsafe('commit').simple();
    return value;
  } catch (error) {
    await connection
      .unsafe('rollback')
      .simple()
      .catch(() => {});
    return translate(error);
  }
}

function asParameter(value: unknown): string | number | null {
  return typeof value === 'number' || value === null ? value : String(value);
}

/** SQLSTATE of a Postgres error, or the driver's own code; '' for anything else. */
export function databaseCode(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' && !(error instanceof AppError) ? code : '';
}

const AWAY = /^(08|53|57P|40|25006|CONNECT|ECONN|ENOTFOUND|EAI_|EPIPE|ETIMEDOUT|ENOENT)/;

function translate(error: unknown): never {
  if (AWAY.test(databaseCode(error)))
    throw new UnavailableError(
      'singer.database_unavailable',
      'The staging database cannot be reached or stopped the transaction.',
      {
        cause: error,
      },
    );
  throw error;
}
