import { setTimeout as wait } from 'node:timers/promises';
import postgres, { type PendingQuery } from 'postgres';
import { InvalidError } from '../../errors.ts';
import { type Backend, createLine } from './line.ts';
import { translated } from './questdb-errors.ts';

/** A request to cancel is lost on a server that has not begun with the query: it is made again. */
const CANCEL = { everyMs: 250, tries: 20 };

export type Cells = readonly (Buffer | null)[];

/** One statement at a time, rows() first. Values are the text of the wire, binary ones their bytes. */
export interface Session {
  rows(statement: string): Promise<Cells[]>;
  columns(statement: string): Promise<{ name: string; oid: number }[]>;
  stream(statement: string, read: (row: Cells) => void): Promise<void>;
}

export interface SessionOptions {
  url: string;
  signal: AbortSignal;
  /** Of the whole session; no limit without it. */
  timeoutMs?: number;
}

type Statement = PendingQuery<Record<string, unknown>[]>;

/**
 * A connection of its own for `work`. When the time is over, the caller is gone or work is done with a statement that still runs, the
 * server is told to cancel it: a line that is closed politely it takes for alive until the query is done. Throws InvalidError
 * `foundry.timeout`, `foundry.query_failed`, UnavailableError `foundry.store_unavailable`, and what the signal was aborted with.
 */
export async function withSession<T>(
  { url, signal, timeoutMs }: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const { session, close } = openSession(url);
  const end = endOf(signal, timeoutMs);
  const working = work(session);
  working.catch(() => {});
  try {
    return await Promise.race([working, end.promise]);
  } catch (error) {
    throw translated(error);
  } finally {
    end.clear();
    // nobody waits for a server that is asked to stop
    void close();
  }
}

function openSession(url: string) {
  const line = createLine(url);
  const options = {
    max: 1,
    fetch_types: false,
    prepare: false,
    // a timer of the driver's that fires after the end is thrown where nobody can catch it
    connect_timeout: 0,
    idle_timeout: 0,
    max_lifetime: null,
    onnotice: () => {},
    socket: line.open,
  };
  const sql = postgres(url, options);
  let backend: Backend | null = null;
  let running: Promise<unknown> | null = null;
  let isClosing = false;

  async function run<T>(text: string, ask: (statement: Statement) => Promise<T>): Promise<T> {
    if (isClosing) throw new InvalidError('foundry.query_failed', 'The session is over.');
    // as a template, by the extended protocol: the other cannot describe a statement
    const statement: Statement = sql(Object.assign([text], { raw: [text] }));
    const asking = ask(statement);
    const done = asking.then(
      () => {},
      () => {},
    );
    running = done;
    return asking.finally(() => {
      if (running === done) running = null;
    });
  }

  async function close(): Promise<void> {
    isClosing = true;
    for (let tries = 0; running && backend && tries < CANCEL.tries; tries++) {
      await Promise.race([running, line.cancel(backend)]);
      await Promise.race([running, wait(CANCEL.everyMs)]);
    }
    line.cut();
    await sql.end({ timeout: 0 }).catch(() => {});
  }

  const session: Session = {
    rows: (text) =>
      run(text, async (statement) => {
        const rows = await statement.raw();
        backend = rows.state;
        return rows;
      }),
    columns: (text) =>
      run(text, async (statement) => {
        const { columns } = await statement.describe();
        return columns.map(({ name, type }) => ({ name, oid: type }));
      }),
    stream: (text, read) =>
      run(text, async (statement) => {
        await statement.raw().forEach(read);
      }),
  };
  return { session, close };
}

function endOf(signal: AbortSignal, timeoutMs: number | undefined) {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(() => reject(timedOut(timeoutMs)), timeoutMs);
  return {
    promise,
    clear() {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    },
  };
}

function timedOut(timeoutMs: number): InvalidError {
  return new InvalidError(
    'foundry.timeout',
    `The query was ended: it took longer than ${timeoutMs / 1000} s.`,
  );
}
