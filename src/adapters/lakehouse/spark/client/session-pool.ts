import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../../../../log.ts';
import { type Deadline, orAborted } from './deadline.ts';
import type { Handle, HiveService } from './hive-service.ts';
import { type OpenSession, type SessionOptions, sessionOn, settingStatement } from './session.ts';
import { createSlots } from './slots.ts';
import { SparkUnavailableError, withOutcome } from './spark-errors.ts';

export interface SessionPool {
  /** A session that the server knew within the last second. Throws SparkUnavailableError, always with mayHaveRun false. */
  take(deadline: Deadline): Promise<OpenSession>;
  /** Gives it back. One that is not clean, or cannot be made so, is closed, which ends what it still does on the server. */
  give(session: OpenSession, isClean: boolean): Promise<void>;
  /** Closes every session; waits a while for those in use to be given back. */
  close(): Promise<void>;
}

export interface SessionPoolOptions extends SessionOptions {
  size: number;
  catalog: string | null;
  log: Log;
}

interface Idle {
  session: OpenSession;
  since: number;
}

/** After so long without a word the server is asked whether it still knows the session. */
const TRUSTED_MS = 1_000;
const CALL_TIMEOUT_MS = 30_000;
/** The first statements of a server that was just started take long. */
const OPENING_TIMEOUT_MS = 60_000;
const CLOSE_PATIENCE_MS = 15_000;
/** Nothing was sent yet that could be done twice. */
const OPEN_PAUSES_MS = [100, 400];

export function createSessionPool(service: HiveService, options: SessionPoolOptions): SessionPool {
  const { log, closing } = options;
  const slots = createSlots(options.size);
  const idle: Idle[] = [];
  const ending = new Set<Promise<void>>();

  async function take(deadline: Deadline): Promise<OpenSession> {
    try {
      await slots.take(deadline.signal);
    } catch {
      throw deadline.error(false);
    }
    const ready = knownOrNew(deadline.signal);
    try {
      return await orAborted(ready, deadline.signal);
    } catch (error) {
      // the slot is free again when what was begun has ended
      ready.then((session) => give(session, false), slots.give);
      throw deadline.signal.aborted ? deadline.error(false) : withOutcome(error, false);
    }
  }

  async function knownOrNew(signal: AbortSignal): Promise<OpenSession> {
    for (let next = idle.pop(); next; next = idle.pop()) {
      if (await isKnown(next)) return next.session;
    }
    return openSession(signal);
  }

  async function isKnown({ session, since }: Idle): Promise<boolean> {
    if (performance.now() - since < TRUSTED_MS) return true;
    try {
      await service.checkSession(session.handle, CALL_TIMEOUT_MS);
      return true;
    } catch (error) {
      log.info({ event: 'spark.session_lost', err: error }, 'a Spark session is gone and is opened anew');
      end(session.handle);
      return false;
    }
  }

  async function openSession(signal: AbortSignal): Promise<OpenSession> {
    for (const pauseMs of OPEN_PAUSES_MS) {
      try {
        return await openOnce();
      } catch (error) {
        if (!(error instanceof SparkUnavailableError) || error.code !== 'lakehouse.unavailable') throw error;
        await wait(pauseMs, undefined, { signal });
      }
    }
    return openOnce();
  }

  async function openOnce(): Promise<OpenSession> {
    const handle = await service.openSession(CALL_TIMEOUT_MS);
    const session = sessionOn(service, handle, options);
    try {
      for (const sql of openingStatements(options))
        await session.execute(sql, { timeoutMs: OPENING_TIMEOUT_MS });
      return session;
    } catch (error) {
      end(handle);
      throw error;
    }
  }

  async function give(session: OpenSession, isClean: boolean): Promise<void> {
    const isKept = isClean && (await session.clean()) && !closing.aborted;
    if (isKept) idle.push({ session, since: performance.now() });
    else end(session.handle);
    slots.give();
  }

  /** In the background: nobody has to wait for it, but close does. */
  function end(handle: Handle): void {
    const ended = service
      .closeSession(handle, CLOSE_PATIENCE_MS)
      .catch((error) =>
        log.debug({ event: 'spark.session_unclosed', err: error }, 'a Spark session could not be closed'),
      )
      .finally(() => ending.delete(ended));
    ending.add(ended);
  }

  async function close(): Promise<void> {
    for (const { session } of idle.splice(0)) end(session.handle);
    const patience = AbortSignal.timeout(CLOSE_PATIENCE_MS);
    const all = Array.from({ length: options.size }, () => slots.take(patience));
    await Promise.allSettled(all);
    await Promise.all(ending);
  }
  return { take, give, close };
}

function openingStatements({ catalog, settings }: SessionPoolOptions): string[] {
  const use = catalog === null ? [] : [`USE ${quoted(catalog)}`];
  // a catalog reads its settings when it is first used
  return [...Object.entries(settings).map(([name, value]) => settingStatement(name, value)), ...use];
}

function quoted(identifier: string): string {
  return `\`${identifier.replaceAll('`', '``')}\``;
}
