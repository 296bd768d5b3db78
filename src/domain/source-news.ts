import type { ConnectorStatus } from './connector-state.ts';
import type { RunStatus, RunTrigger } from './run-state.ts';

/** What a source tells of a sync it did itself. */
export interface SourceEvent {
  /** sync_end, sync_start, ... */
  name: string;
  /** By the source's clock. */
  createdAt: Date | null;
  /** The schema the sync writes to, where it says so. */
  schema: string | null;
  succeeded: boolean;
}

/** What is known here when the event comes in. */
export interface NewsContext {
  now: Date;
  status: ConnectorStatus;
  stagingSchema: string;
  /** Of the last event that was acted on, or told of a sync that was taken up already. */
  lastNudgeAt: Date | null;
  /** How far the source has been taken up, by its own clock; also by the run that is being loaded. */
  takenUpTo: Date | null;
  unfinished: { status: RunStatus; trigger: RunTrigger } | null;
}

export type Ignored =
  | 'event_not_followed'
  | 'other_connection'
  | 'no_time'
  | 'seen_before'
  | 'sync_failed'
  | 'taken_up'
  | 'connector_paused'
  | 'connector_in_error';

/** nudge: the run under way looks at once. run: a run takes up what the source has finished. */
export type NewsAnswer = { do: 'nudge' | 'run' } | { do: 'nothing'; reason: Ignored };

/** The event comes a moment after the end it tells of, and may have been overtaken by a poll. */
const LATE_MS = 60_000;
/** A time of an event may be cut to the second. */
const CUT_MS = 1_000;
/** A time further ahead would silence every event until then. */
const AHEAD_MS = 24 * 3_600_000;

/** Decides what an event means. Only ends of syncs are followed; one that came before, or is older than one that did, changes nothing. */
export function answerNews(event: SourceEvent, known: NewsContext): NewsAnswer {
  const nothing = (reason: Ignored): NewsAnswer => ({ do: 'nothing', reason });
  const { createdAt } = event;
  if (event.name !== 'sync_end') return nothing('event_not_followed');
  if (event.schema !== null && event.schema !== known.stagingSchema) return nothing('other_connection');
  if (createdAt === null || !isCredible(createdAt, known.now)) return nothing('no_time');
  if (known.lastNudgeAt && createdAt <= known.lastNudgeAt) return nothing('seen_before');
  if (isWaiting(known.unfinished)) return { do: 'nudge' };
  if (!event.succeeded) return nothing('sync_failed');
  if (known.takenUpTo && tellsOf(known.takenUpTo, createdAt, known.lastNudgeAt)) return nothing('taken_up');
  if (known.status === 'paused') return nothing('connector_paused');
  if (known.status === 'error') return nothing('connector_in_error');
  return { do: 'run' };
}

/** Whether an event is that of the end that was taken up: a sync has one, so that after it the next is of a newer sync, however soon. */
function tellsOf(end: Date, createdAt: Date, lastAt: Date | null): boolean {
  if (createdAt.getTime() > end.getTime() + LATE_MS) return false;
  return lastAt === null || lastAt.getTime() < end.getTime() - CUT_MS;
}

function isCredible(time: Date, now: Date): boolean {
  return time.getTime() > 0 && time.getTime() <= now.getTime() + AHEAD_MS;
}

function isWaiting(unfinished: NewsContext['unfinished']): boolean {
  return unfinished !== null && unfinished.status !== 'loading' && unfinished.trigger !== 'replay';
}
