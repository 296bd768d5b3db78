import type { Ctx } from '../../context.ts';
import type { DbOrTx } from '../../db/client.ts';
import { failedForConfigBefore } from '../../db/queries/config-faults.ts';
import type { RunRow } from '../../db/queries/run-claims.ts';
import {
  applyOutcome,
  type ConnectorOutcome,
  type ConnectorRow,
  type Ending,
  endRun,
  insertSyncRun,
  type LockedConnector,
  lockConnector,
  saveState,
} from '../../db/queries/run-finish.ts';
import { afterFailure } from '../../domain/breaker.ts';
import { isConfigFault } from '../../domain/config-fault.ts';
import type { JsonText } from '../../domain/lossless-json.ts';
import { isPromised } from '../../domain/run-state.ts';
import type { TableStats } from '../../domain/stats.ts';
import { notifyRunEnd, notifyStopped } from '../notifications/notify-run-end.ts';
import { settleReplay } from '../rejected-rows/settle.ts';
import { countEnd, type RunEnd } from './count-end.ts';
import { slotAfter } from './slot-after.ts';

export interface FinishInput extends Omit<Ending, 'tenantId'> {
  connectorId: string;
  tables: TableStats[];
  /** False for what is not the source's fault (lost workers, cancels, our own infrastructure): the breaker does not count it. */
  counted: boolean;
}

/** The end of a run somebody asked to stop. */
export const CANCELLED = {
  status: 'cancelled',
  errorCode: 'run.cancelled',
  errorMsg: 'The run was cancelled.',
  counted: false,
} as const;

/**
 * Ends a run and everything that hangs on its end in one transaction: history row, bookmark, next slot, failures, totals.
 * False: it had ended before, its connector is gone, or the caller lost the run; nothing was written then.
 */
export async function finishRun(ctx: Ctx, input: FinishInput): Promise<boolean> {
  const end = await ctx.tracing.span('run.finish', { attributes: { 'ivory.status': input.status } }, () =>
    ctx.database.db.transaction(async (tx) => {
      const connector = await lockConnector(tx, ctx.tenantId, input.connectorId);
      return connector && finishLocked(ctx, tx, connector, input);
    }),
  );
  if (end) countEnd(ctx, end);
  return end !== null;
}

/**
 * The same inside a transaction that has locked the connector: always before its run, so that two never wait for each other. What it
 * answers is counted (`countEnd`) by whoever commits. Null: nothing was written.
 */
export async function finishLocked(
  ctx: Ctx,
  tx: DbOrTx,
  connector: LockedConnector,
  input: FinishInput,
): Promise<RunEnd | null> {
  const run = await endRun(tx, { ...input, tenantId: ctx.tenantId });
  if (!run) return null;
  await insertSyncRun(tx, run, `${connector.namespace}.${connector.destinationTable}`, input.tables);
  await notifyRunEnd(ctx, tx, { connector, run, tables: input.tables });
  if (run.trigger === 'replay') {
    await endReplay(tx, connector, run, input);
    return runEnd(connector, run, false);
  }
  const counted = input.counted && !(await isCountedAlready(tx, run));
  const outcome = outcomeOf(connector, run, { ...input, counted });
  await applyOutcome(tx, connector, outcome);
  if (outcome.status === 'error' && connector.status !== 'error')
    await notifyStopped(ctx, tx, connector, { ...outcome, runId: run.id, errorCode: run.errorCode });
  if (movesState(input.status)) await keepState(ctx, tx, connector, run.reportedState, run.id);
  return runEnd(connector, run, opensBreaker(connector, outcome));
}

function runEnd({ connectorType }: LockedConnector, run: RunRow, opens: boolean): RunEnd {
  const { status, trigger, startedAt, finishedAt } = run;
  const seconds =
    startedAt && finishedAt ? Math.max(0, (finishedAt.getTime() - startedAt.getTime()) / 1000) : null;
  return { status, trigger, connectorType, seconds, opensBreaker: opens, run };
}

/** A schedule without a next slot stops a connector too; that is no failure. */
function opensBreaker(
  connector: LockedConnector,
  { status, consecutiveFailures }: ConnectorOutcome,
): boolean {
  const hasFailed = consecutiveFailures > connector.consecutiveFailures;
  return hasFailed && status === 'error' && connector.status !== 'error';
}

/** A replay says nothing about the source: failures, next slot and last sync stay as they are. */
async function endReplay(
  tx: DbOrTx,
  connector: LockedConnector,
  run: RunRow,
  { tables }: FinishInput,
): Promise<void> {
  const rowsLoaded = tables.reduce((sum, table) => sum + table.loaded, 0);
  await applyOutcome(tx, connector, { ...connector, rowsLoaded, syncedAt: null });
  await settleReplay(tx, run);
}

function outcomeOf(connector: LockedConnector, run: RunRow, input: FinishInput): ConnectorOutcome {
  const rowsLoaded = input.tables.reduce((sum, table) => sum + table.loaded, 0);
  const slot = slotAfter(connector, connector.clock);
  const unchanged: ConnectorOutcome = {
    status: connector.status,
    consecutiveFailures: connector.consecutiveFailures,
    ...('at' in slot ? nextOf(connector, slot.at) : STOPPED),
    rowsLoaded,
    syncedAt: null,
    lastError: input.errorMsg,
  };
  if ('broken' in slot) return { ...unchanged, lastError: slot.broken };
  if (input.status === 'completed')
    return { ...unchanged, consecutiveFailures: 0, syncedAt: run.startedAt, lastError: null };
  if (input.status !== 'failed' || !input.counted) return unchanged;
  return { ...unchanged, ...failureOf(connector, slot.at, isConfigFault(run.errorCode)) };
}

const STOPPED = { status: 'error', nextRunAt: null, nextTrigger: null } as const;

/** A trigger that came before this run (an external one) began, or a source's news that came while it loaded, keeps its promise. */
function nextOf({ status, nextRunAt, nextTrigger }: LockedConnector, slot: Date) {
  if (status !== 'active') return { nextRunAt: null, nextTrigger: null };
  return isPromised(nextTrigger) ? { nextRunAt, nextTrigger } : { nextRunAt: slot, nextTrigger: null };
}

/** A config that cannot be used is one failure, however many runs find it so. */
async function isCountedAlready(tx: DbOrTx, run: RunRow): Promise<boolean> {
  return isConfigFault(run.errorCode) && failedForConfigBefore(tx, run);
}

/** What only another config mends is not tried again before the regular slot. */
function failureOf(
  connector: LockedConnector,
  slot: Date,
  isConfigsFault: boolean,
): Partial<ConnectorOutcome> {
  const consecutiveFailures = connector.consecutiveFailures + 1;
  const after = afterFailure(consecutiveFailures, connector.clock, slot, Math.random());
  if (after.opens) return { consecutiveFailures, ...STOPPED };
  if (isConfigsFault || connector.status !== 'active' || isPromised(connector.nextTrigger))
    return { consecutiveFailures };
  return { consecutiveFailures, nextRunAt: after.retryAt, nextTrigger: 'retry' };
}

function movesState(status: FinishInput['status']): boolean {
  return status === 'completed' || status === 'partial';
}

/** A null or empty state never replaces a good one. */
async function keepState(
  ctx: Ctx,
  tx: DbOrTx,
  connector: ConnectorRow,
  state: JsonText | null,
  runId: string,
) {
  if (state === null || isEmptyState(state)) return;
  await saveState(tx, connector, state, { runId, actor: ctx.actor });
}

function isEmptyState(state: JsonText): boolean {
  return /^\s*(?:null|\{\s*\})\s*$/.test(state);
}
