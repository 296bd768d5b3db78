import type { Ctx } from '../../context.ts';
import { isCancelRequested } from '../../db/queries/run-cancel.ts';
import { extendLease, type Held } from '../../db/queries/run-claims.ts';
import type { RunRecord } from './run-record.ts';

/** Why the work on a run must stop. */
export type StopReason = 'lost' | 'cancelled' | 'shutdown' | 'timeout';

export interface Lease {
  /** Aborted as soon as the work must stop. */
  signal: AbortSignal;
  /** null while nothing speaks against going on. */
  stopReason(): StopReason | null;
  stop(reason: StopReason): void;
  /** Ends the heartbeats. The row is left as it is. */
  release(): void;
}

export interface LeaseOptions {
  /** The process is shutting down, or the queue's lock is lost. */
  signal: AbortSignal;
  /** What to store of the work: with each heartbeat, and every two seconds when it has changed. */
  record?: RunRecord;
  /** Whether a cancel is too late by now; absent: it never is. */
  isTooLateToCancel?(): boolean;
}

/** Heartbeats a lease lives through; the fourth missed one is one too many. */
const BEATS_PER_LEASE = 4;
/** A cancel is looked for more often than the lease needs renewing. */
const LOOK_MS = 2_000;

/** Keeps a claimed run ours until released: a heartbeat each quarter of the lease, an abort when it is lost, cancelled, or time to go. */
export function holdLease(
  ctx: Ctx,
  held: Held,
  { signal, record, isTooLateToCancel = () => false }: LeaseOptions,
): Lease {
  const { leaseMs } = ctx.settings;
  const controller = new AbortController();
  let reason: StopReason | null = null;
  let renewedAt = performance.now();
  let beating = false;

  const stop = (why: StopReason) => {
    if (reason === null && why === 'lost') ctx.metrics.leaseLost('run', 'worker');
    reason ??= why;
    controller.abort(new Error(`the run stops: ${reason}`));
  };
  /** It may have become too late while the database was asked. */
  const cancel = () => {
    if (!isTooLateToCancel()) stop('cancelled');
  };
  const beat = async () => {
    if (performance.now() - renewedAt > leaseMs) return stop('lost');
    if (beating) return;
    beating = true;
    const startedAt = performance.now();
    try {
      const run = await extendLease(ctx.database.db, held, { leaseMs, ...record?.take() });
      if (!run) return stop('lost');
      renewedAt = startedAt;
      if (run.cancelRequested) cancel();
    } catch (error) {
      record?.giveBack();
      ctx.log.warn({ event: 'run.heartbeat_failed', err: error }, 'a heartbeat failed');
    } finally {
      beating = false;
    }
  };
  const lookForCancel = async () => {
    try {
      if (!isTooLateToCancel() && (await isCancelRequested(ctx.database.db, held))) cancel();
    } catch (error) {
      ctx.log.debug({ event: 'run.cancel_unseen', err: error }, 'could not look for a cancel');
    }
  };
  /** Who watches the run sees it move; a write is a look for a cancel as well. */
  const look = () => (record?.hasChanged() ? beat() : lookForCancel());
  const onShutdown = () => stop('shutdown');

  const timer = setInterval(() => void beat(), leaseMs / BEATS_PER_LEASE);
  const cancelTimer = setInterval(() => void look(), LOOK_MS);
  if (signal.aborted) onShutdown();
  else signal.addEventListener('abort', onShutdown, { once: true });
  return {
    signal: controller.signal,
    stopReason: () => reason,
    stop,
    release() {
      clearInterval(timer);
      clearInterval(cancelTimer);
      signal.removeEventListener('abort', onShutdown);
    },
  };
}
