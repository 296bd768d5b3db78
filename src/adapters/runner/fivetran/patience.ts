import * as refusals from './refusals.ts';
import type { SyncView } from './sync-view.ts';

export interface PatienceOptions {
  /** A sync was under way when this one was asked for: it is the one waited for. */
  joined: boolean;
  pollMs: number;
  /** Our clock, and by it when the run is stopped. */
  now(): number;
  deadlineMs: number;
}

/** What to do after a look at a sync that is not at its end. */
export interface NextLook {
  afterMs: number;
  /** Fivetran has put the sync off until now: ask for it again. */
  startAgain: boolean;
}

/** A sync put off is looked at now and then only. */
const PUT_OFF_POLLS = 20;
/** Fivetran's state may turn a moment before its times do. */
const QUIET_AFTER_SYNC = 3;
/** Ten minutes at the default interval. */
const QUIET_AT_ALL = 40;

/**
 * Decides after each look how long to wait for the next. Throws the refusal (InvalidError `fivetran.*`) when there is nothing left to wait
 * for: the sync failed, cannot run, was put off for too long, or has been neither at work nor at an end for too many looks.
 */
export function createPatience({ joined, pollMs, now, deadlineMs }: PatienceOptions) {
  let quietLooks = 0;
  let wasSyncing = joined;
  let startedAgainFor: string | null = null;

  const soon = { afterMs: pollMs, startAgain: false };
  const quiet = (refusal: Error, limit: number): NextLook => {
    quietLooks += 1;
    if (quietLooks >= limit) throw refusal;
    return soon;
  };
  const putOff = (until: string | null): NextLook => {
    if (until === null) return quiet(refusals.rescheduled(null), QUIET_AT_ALL);
    const leftMs = Date.parse(until) - now();
    if (Date.parse(until) > deadlineMs) throw refusals.rescheduled(until);
    if (leftMs > 0) return { afterMs: Math.min(leftMs, pollMs * PUT_OFF_POLLS), startAgain: false };
    if (startedAgainFor === until) return quiet(refusals.rescheduled(until), QUIET_AT_ALL);
    // with manual scheduling Fivetran starts nothing by itself, not even what it has put off
    startedAgainFor = until;
    wasSyncing = false;
    return { afterMs: pollMs, startAgain: true };
  };

  return (view: Exclude<SyncView, { kind: 'succeeded' }>): NextLook => {
    switch (view.kind) {
      case 'failed':
        throw refusals.syncFailed(view.why);
      case 'paused':
        throw refusals.paused();
      case 'broken':
        throw refusals.setupBroken(view.why);
      case 'syncing':
        wasSyncing = true;
        quietLooks = 0;
        return soon;
      case 'rescheduled':
        return putOff(view.until);
      case 'idle':
        return wasSyncing
          ? quiet(refusals.syncCancelled(), QUIET_AFTER_SYNC)
          : quiet(refusals.syncNotStarted(view.state), QUIET_AT_ALL);
    }
  };
}
