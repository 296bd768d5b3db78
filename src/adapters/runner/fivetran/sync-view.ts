import { type Connection, isAfter, noticesOf } from './connection.ts';

/** Fivetran's times before the sync that is waited for: only its own clock is compared with itself. */
export type Baseline = Pick<Connection, 'succeededAt' | 'failedAt'>;

/** What an answer of Fivetran says of the sync that is waited for. */
export type SyncView =
  | { kind: 'succeeded' }
  | { kind: 'failed'; why: string }
  | { kind: 'paused' }
  | { kind: 'broken'; why: string }
  | { kind: 'syncing' }
  | { kind: 'rescheduled'; until: string | null }
  /** Neither at work nor at an end. */
  | { kind: 'idle'; state: string };

export function viewOf(connection: Connection, before: Baseline): SyncView {
  const succeeded = isAfter(connection.succeededAt, before.succeededAt);
  const failed = isAfter(connection.failedAt, before.failedAt);
  if (succeeded && !(failed && isAfter(connection.failedAt, connection.succeededAt)))
    return { kind: 'succeeded' };
  if (failed) return { kind: 'failed', why: noticesOf(connection) };
  if (connection.paused) return { kind: 'paused' };
  if (connection.syncState === 'syncing') return { kind: 'syncing' };
  if (connection.setupState !== 'connected') return { kind: 'broken', why: setupWords(connection) };
  if (connection.syncState === 'rescheduled')
    return { kind: 'rescheduled', until: connection.rescheduledFor };
  return { kind: 'idle', state: connection.syncState };
}

/** "incomplete; reconnect: the token has expired" */
export function setupWords(connection: Connection): string {
  return [connection.setupState, noticesOf(connection)].filter(Boolean).join('; ');
}
