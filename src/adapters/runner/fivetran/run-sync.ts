import type { Pool } from '../../../db/client.ts';
import type { RunHooks, RunOutcome, RunSpec } from '../../../ports/runner.ts';
import { awaitSync } from './await-sync.ts';
import type { FivetranClient, Wait } from './client.ts';
import { type Connection, isAfter } from './connection.ts';
import { pickRows } from './pick-rows.ts';
import { type FivetranState, parseState, printState } from './run-state.ts';
import { assertUsable } from './usable.ts';

/** What the control plane knows of a connector's runs. */
export interface Bookkeeping {
  /** Changes whenever Fivetran has told that a sync of the connector ended; null: never yet. */
  lastNudge(connector: ConnectorKey): Promise<number | null>;
  /** Load ids of the connector's runs since the last good one whose rows never arrived. */
  lostLoads(connector: ConnectorKey): Promise<number[]>;
}

export interface ConnectorKey {
  tenantId: string;
  connectorId: string;
}

export interface SyncRun extends Bookkeeping {
  client: FivetranClient;
  pool: Pool;
  wait: Wait;
  now(): number;
  pollMs: number;
  runTimeoutMs: number;
  spec: RunSpec;
  hooks: RunHooks;
  signal: AbortSignal;
}

/**
 * Has Fivetran sync, waits for it, and marks its rows as the run's. A run that Fivetran itself asked for has its sync behind it and
 * starts none. Throws what the steps throw: a failure of the source is an InvalidError.
 */
export async function runSync(run: SyncRun): Promise<RunOutcome> {
  const { client, spec, hooks, signal } = run;
  const state = parseState(spec.state);
  const before = await client.connection(signal);
  assertUsable(before, spec.stagingSchema);
  const synced = spec.trigger === 'webhook' ? before : await sync(run, before);
  const picked = await pickRows({
    pool: run.pool,
    session: spec.stagingSession,
    guardCommit: hooks.guardCommit,
    stagingSchema: spec.stagingSchema,
    loadId: spec.loadId,
    lostLoads: await run.lostLoads(spec),
    state,
    onProgress: hooks.progress,
    log: hooks.log,
    signal,
  });
  return {
    status: 'completed',
    rowsWritten: Object.values(picked.streams).reduce((sum, { rows }) => sum + rows, 0),
    state: printState({ succeededAt: latestSuccess(state, synced), tables: picked.marks }),
    streams: picked.streams,
  };
}

async function sync(run: SyncRun, before: Connection): Promise<Connection> {
  const { client, spec, hooks, signal } = run;
  const deadlineMs = run.now() + run.runTimeoutMs;
  const joined = before.syncState === 'syncing' || (await client.sync(signal)) === 'running';
  hooks.log(joined ? 'fivetran: joined the sync that is under way' : 'fivetran: sync started');
  const sayWhoGoesOn = () => hooks.log("fivetran: Ivory stops waiting; Fivetran's sync goes on");
  signal.addEventListener('abort', sayWhoGoesOn, { once: true });
  try {
    return await awaitSync({
      ...run,
      log: hooks.log,
      before,
      joined,
      deadlineMs,
      nudge: () => run.lastNudge(spec),
    });
  } finally {
    signal.removeEventListener('abort', sayWhoGoesOn);
  }
}

function latestSuccess(state: FivetranState | null, { succeededAt }: Connection): string | null {
  const known = state?.succeededAt ?? null;
  return isAfter(succeededAt, known) ? succeededAt : known;
}
