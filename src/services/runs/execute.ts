import { type Ctx, contextFor, type Deps } from '../../context.ts';
import { claimForTap, leaseProof, type RunRow, releaseRun } from '../../db/queries/run-claims.ts';
import type { ConnectorRow } from '../../db/queries/run-finish.ts';
import { findConnectorOfRun } from '../../db/queries/run-outcome.ts';
import { openConfig } from '../../domain/config-envelope.ts';
import { createLogTail } from '../../domain/log-tail.ts';
import type { StatsByStream } from '../../domain/stats.ts';
import { AppError, InvalidError, LostLeaseError, messageOf } from '../../errors.ts';
import type { RunHooks, Runner, RunOutcome, RunSpec } from '../../ports/runner.ts';
import { finishRun } from './finish.ts';
import { holdLease, type Lease } from './hold-lease.ts';
import { reportRun } from './report.ts';

export interface ExecuteInput {
  runId: string;
  workerId: string;
  signal: AbortSignal;
}

/**
 * Carries one run from its tap into staging and reports it. A failing source is a reported failure, never a throw.
 * Throws AppError with retry 'transient' when our own infrastructure failed: the run is given back first.
 */
export async function executeRun(deps: Deps, { runId, workerId, signal }: ExecuteInput): Promise<void> {
  const run = await claimForTap(deps.database.db, { runId, workerId, leaseMs: deps.settings.leaseMs });
  if (!run) return;
  const ctx = contextFor(deps, { tenantId: run.tenantId, actor: 'worker:runner', requestId: runId });
  const connector = await findConnectorOfRun(deps.database.db, run.tenantId, run.connectorId);
  if (!connector) return;
  const log = deps.log.child({ tenantId: run.tenantId, connectorId: run.connectorId, runId });
  log.info({ attempt: run.attempt, trigger: run.trigger, tap: connector.tapName }, 'run started');

  const progress = createProgress();
  const lease = holdLease(ctx, { ...run, runId }, { signal, snapshot: progress.snapshot });
  const totalTimer = setTimeout(() => lease.stop('timeout'), deps.settings.runTimeoutMs);
  const startedAt = performance.now();
  try {
    const outcome = await runTap(ctx, run, connector, lease, progress.hooks);
    await reportOutcome(ctx, run, outcome, { ...progress.snapshot(), durationS: secondsSince(startedAt) });
    log.info({ status: outcome.status, rows: outcome.rowsWritten }, 'run reported');
  } catch (error) {
    await stopped(ctx, run, lease, error);
  } finally {
    clearTimeout(totalTimer);
    lease.release();
  }
}

async function runTap(
  ctx: Ctx,
  run: RunRow,
  connector: ConnectorRow,
  lease: Lease,
  hooks: Pick<RunHooks, 'log' | 'progress'>,
): Promise<RunOutcome> {
  let runner: Runner;
  let spec: RunSpec;
  try {
    runner = runnerFor(ctx, connector);
    spec = specFor(ctx, run, connector);
  } catch (error) {
    if (error instanceof AppError && error.retry === 'terminal') return refused(error);
    throw error;
  }
  const outcome = await runner.execute(spec, { ...hooks, guardCommit: guardFor(run) }, lease.signal);
  if (lease.stopReason()) throw new Error('stopped while the tap ran');
  return outcome;
}

function runnerFor({ runners }: Ctx, { connectorType, tapName, tapVersion }: ConnectorRow): Runner {
  const runner = runners[connectorType];
  if (!runner) {
    throw new InvalidError(
      'run.no_runner',
      `This installation has no runner for ${connectorType} connectors.`,
    );
  }
  runner.assertTap(tapName, tapVersion);
  return runner;
}

function specFor({ settings }: Ctx, run: RunRow, connector: ConnectorRow): RunSpec {
  return {
    runId: run.id,
    tenantId: run.tenantId,
    connectorId: connector.id,
    sourceSystem: connector.sourceSystem,
    tapName: connector.tapName,
    tapVersion: connector.tapVersion,
    meltanoEnvironment: connector.meltanoEnvironment,
    config: decryptedConfig(settings.configKey, connector.configEncrypted),
    state: connector.tapState,
    stagingSchema: connector.stagingSchema,
    loadId: run.loadId,
  };
}

function decryptedConfig(key: Buffer | null, envelope: string | null): Record<string, unknown> {
  if (envelope === null) return {};
  if (!key)
    throw new InvalidError(
      'config.no_key',
      'The connector has an encrypted config and this runner has no IVORY_CONFIG_KEY.',
    );
  return openConfig(key, envelope);
}

/** Holds the run's row in the transaction about to commit: a worker that was taken over commits nothing. */
function guardFor(run: RunRow): RunHooks['guardCommit'] {
  const { text, parameters } = leaseProof({ tenantId: run.tenantId, runId: run.id, fence: run.fence });
  return async (query) => {
    const rows = await query(text, parameters);
    if (rows.length === 0) throw new LostLeaseError(run.id);
  };
}

function refused(error: AppError): RunOutcome {
  return {
    status: 'failed',
    rowsWritten: 0,
    state: null,
    streams: {},
    errorCode: error.code,
    errorMsg: error.message,
  };
}

interface Kept {
  streamStats: StatsByStream;
  logTail: string;
  durationS: number;
}

async function reportOutcome(ctx: Ctx, run: RunRow, outcome: RunOutcome, kept: Kept): Promise<void> {
  await reportRun(ctx, {
    connectorId: run.connectorId,
    runId: run.id,
    fence: run.fence,
    status: outcome.status,
    rowsWritten: outcome.rowsWritten,
    tapState: outcome.state,
    errorCode: 'errorCode' in outcome ? outcome.errorCode : undefined,
    errorMsg: 'errorMsg' in outcome ? outcome.errorMsg : null,
    durationS: kept.durationS,
    streamStats: outcome.streams,
    logTail: kept.logTail,
  });
}

/** What to do with a run whose work was stopped or broke in our own hands. */
async function stopped(ctx: Ctx, run: RunRow, lease: Lease, error: unknown): Promise<void> {
  const reason = error instanceof LostLeaseError ? 'lost' : lease.stopReason();
  const held = { tenantId: ctx.tenantId, runId: run.id, fence: run.fence };
  ctx.log.warn({ ...held, reason, error: messageOf(error) }, 'run stopped');
  if (reason === 'lost') return;
  if (reason === 'cancelled') return end(ctx, run, 'cancelled', 'run.cancelled', 'The run was cancelled.');
  if (reason === 'timeout') {
    return end(
      ctx,
      run,
      'failed',
      'run.timeout',
      `The run took longer than ${ctx.settings.runTimeoutMs / 1000} s and was stopped.`,
    );
  }
  await releaseRun(ctx.database.db, held, 'queued');
  throw error;
}

async function end(
  ctx: Ctx,
  run: RunRow,
  status: 'cancelled' | 'failed',
  errorCode: string,
  errorMsg: string,
) {
  const input = { runId: run.id, connectorId: run.connectorId, fence: run.fence, tables: [] };
  await finishRun(ctx, { ...input, status, errorCode, errorMsg, counted: status === 'failed' });
}

function createProgress() {
  const tail = createLogTail();
  let streamStats: StatsByStream = {};
  return {
    hooks: {
      log: tail.add,
      progress: (stats: StatsByStream) => {
        streamStats = stats;
      },
    },
    snapshot: () => ({ streamStats, logTail: tail.text() }),
  };
}

function secondsSince(startedAt: number): number {
  return Math.round((performance.now() - startedAt) / 1000);
}
