import { setTimeout as wait } from 'node:timers/promises';
import type { SparkColumn } from './column-reader.ts';
import { type Deadline, orAborted } from './deadline.ts';
import { OPERATION_STATE as STATE } from './hive-messages.ts';
import type { FetchedRows, Handle, HiveService, OperationStatus } from './hive-service.ts';
import { SparkSqlError, SparkUnavailableError, withOutcome } from './spark-errors.ts';
import { failureOf } from './sql-failure.ts';

/** A statement that the server has finished. What it answered waits there until close. */
export interface FinishedStatement {
  columns(deadline: Deadline): Promise<SparkColumn[]>;
  /** The next rows; none: there are no more. */
  fetch(width: number, maxRows: number, deadline: Deadline): Promise<FetchedRows>;
  close(): Promise<void>;
}

/** One call of the server. A poll's answer takes up to 5 s by design: it waits for the statement's end. */
const CALL_TIMEOUT_MS = 30_000;
const CLEANUP_TIMEOUT_MS = 10_000;
const PAUSE_MS = { first: 5, longest: 200 };
/** Asking again changes nothing, so a poll whose answer was lost is repeated. */
const POLL_TRIES = 3;
/** The server gives a statement up by itself, this much after we should have, in case that we are gone. */
const SERVER_GRACE_MS = 5_000;

/**
 * Sends a statement, once, and waits for its end. Throws SparkSqlError; SparkUnavailableError, after which the session is of no more use.
 * A statement that takes too long, or is not wanted any more, is cancelled on the server before this rejects.
 */
export async function runStatement(
  service: HiveService,
  session: Handle,
  sql: string,
  deadline: Deadline,
): Promise<FinishedStatement> {
  if (deadline.signal.aborted) throw deadline.error(false);
  const queryTimeoutS = Math.ceil((deadline.leftMs() + SERVER_GRACE_MS) / 1000);
  const accepted = service.execute(session, sql, queryTimeoutS, CALL_TIMEOUT_MS);
  // One that is aborted before it has a handle is cancelled by the end of its session.
  const operation = await orAborted(accepted, deadline.signal).catch((error) => {
    throw deadline.signal.aborted ? deadline.error(true) : error;
  });
  const statement = statementOf(service, operation);
  await statement.within(deadline, () => finish(service, operation, deadline.signal));
  return statement;
}

function statementOf(service: HiveService, operation: Handle) {
  async function within<Value>(deadline: Deadline, work: () => Promise<Value>): Promise<Value> {
    try {
      return await orAborted(work(), deadline.signal);
    } catch (error) {
      if (deadline.signal.aborted) {
        await quietly(service.cancel(operation, CLEANUP_TIMEOUT_MS));
        throw deadline.error(true);
      }
      if (error instanceof SparkSqlError) await quietly(close());
      throw withOutcome(error, true);
    }
  }
  const close = () => service.closeOperation(operation, CLEANUP_TIMEOUT_MS);
  return {
    within,
    columns: (deadline: Deadline) => within(deadline, () => service.columns(operation, CALL_TIMEOUT_MS)),
    fetch: (width: number, maxRows: number, deadline: Deadline) =>
      within(deadline, () =>
        service.fetch(operation, width, maxRows, deadline.leftMs() + CLEANUP_TIMEOUT_MS),
      ),
    close,
  };
}

async function finish(service: HiveService, operation: Handle, signal: AbortSignal): Promise<void> {
  for (let pauseMs = PAUSE_MS.first; ; pauseMs = Math.min(pauseMs * 1.5, PAUSE_MS.longest)) {
    if (isFinished(await poll(service, operation, signal))) return;
    await wait(pauseMs, undefined, { signal });
  }
}

async function poll(service: HiveService, operation: Handle, signal: AbortSignal): Promise<OperationStatus> {
  for (let left = POLL_TRIES - 1; ; left -= 1) {
    try {
      return await service.status(operation, CALL_TIMEOUT_MS);
    } catch (error) {
      const isLostAnswer = error instanceof SparkUnavailableError && error.code === 'lakehouse.unavailable';
      if (left === 0 || !isLostAnswer) throw error;
      await wait(PAUSE_MS.longest, undefined, { signal });
    }
  }
}

function isFinished({ state, message, sqlState }: OperationStatus): boolean {
  switch (state) {
    case STATE.finished:
      return true;
    case STATE.initialized:
    case STATE.pending:
    case STATE.running:
      return false;
    case STATE.error:
      throw failureOf(message, sqlState);
    case STATE.timedOut:
      throw ended('lakehouse.timeout', 'The lakehouse gave the statement up: it took too long.', message);
    default:
      throw ended('lakehouse.cancelled', 'The statement was ended on the server.', message);
  }
}

function ended(code: 'lakehouse.timeout' | 'lakehouse.cancelled', message: string, internal: string) {
  return new SparkUnavailableError(code, message, { mayHaveRun: true, internal });
}

/** For what only tidies up after a failure that is already known. */
async function quietly(work: Promise<void>): Promise<void> {
  await work.catch(() => {});
}
