import { endWithin, untilStopped } from './until-stopped.ts';

/** What a command keeps running. */
export interface Service {
  /** What follows "ready" on stdout. */
  ready: string;
  /** Takes no new work, and ends or hands back what runs, in at most about so many milliseconds. */
  drain(graceMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface StopOptions {
  /** From the signal to the end of the process. */
  drainMs: number;
  /** The same for a process that is still starting: it may wait for a store that is down. */
  startMs?: number;
}

const START_MS = 3_000;
/** Of the time to the end; the rest is for handing back and closing. */
const GRACE = 0.6;

/**
 * Starts a service, says so, and ends it at the first signal, also one that comes while it starts: exit code 0, for what could not end
 * in time belongs to rows and leases, and another process goes on with it. Loads nothing heavy itself, so that it hears every signal.
 */
export async function runUntilStopped(
  { drainMs, startMs = START_MS }: StopOptions,
  start: () => Promise<Service>,
): Promise<number> {
  const stopped = untilStopped();
  const starting = start();
  const isStarted = await Promise.race([stopped.then(() => false), starting.then(() => true)]);
  const giveUp = isStarted ? null : endWithin(startMs);
  const service = isStarted ? await starting : await starting.catch(() => null);
  giveUp?.cancel();
  if (service === null) return 0;
  if (isStarted) process.stdout.write(`ready ${service.ready}\n`);
  await stopped;
  const inTime = endWithin(drainMs);
  await service.drain(drainMs * GRACE);
  await service.close();
  inTime.release();
  return 0;
}
