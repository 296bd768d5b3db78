import type { Ctx, Deps } from '../../context.ts';
import {
  claimForTap,
  endStagingSessions,
  type RunRow,
  stagingSessionName,
} from '../../db/queries/run-claims.ts';
import type { ConnectorRow } from '../../db/queries/run-finish.ts';
import { findConnectorOfRun } from '../../db/queries/run-outcome.ts';
import { AppError } from '../../errors.ts';
import type { RunHooks, Runner, RunOutcome, RunSpec, TapSpec } from '../../ports/runner.ts';
import type { Span } from '../../ports/tracing.ts';
import { stagedCounter } from './count-staged.ts';
import { endStopped } from './end-stopped.ts';
import { guardCommitOf } from './guard-commit.ts';
import { holdLease, type Lease } from './hold-lease.ts';
import { judgeRefusals } from './judge-refusals.ts';
import { noteSchemas } from './note-schemas.ts';
import { openTap } from './open-tap.ts';
import { isOperatorsFault } from './operator-faults.ts';
import { openRefusedRecords } from './refused-records.ts';
import { reportRun } from './report.ts';
import { inRun } from './run-context.ts';
import { createRunRecord, type RunRecord } from './run-record.ts';
import { stagingSpan } from './staging-span.ts';
import { createToldSchemas } from './told-schemas.ts';

export interface ExecuteInput {
  runId: string;
  workerId: string;
  signal: AbortSignal;
}

/**
 * Carries one run from its tap into staging and reports it. A failing source is a reported failure, never a throw.
 * Throws what may go away by itself, and twice what nobody foresaw: the run is given back first.
 */
export async function executeRun(deps: Deps, { runId, workerId, signal }: ExecuteInput): Promise<void> {
  const run = await claimForTap(deps.database.db, { runId, workerId, leaseMs: deps.settings.leaseMs });
  if (!run) return;
  await inRun(deps, run, { span: 'run.execute', actor: 'worker:runner' }, (ctx) =>
    executeClaimed(ctx, run, signal),
  );
}

async function executeClaimed(ctx: Ctx, run: RunRow, signal: AbortSignal): Promise<void> {
  const { id: runId, trigger } = run;
  const connector = await findConnectorOfRun(ctx.database.db, run.tenantId, run.connectorId);
  if (!connector) return;
  ctx.log.info({ event: 'run.claimed', trigger, tap: connector.tapName }, 'run started');

  if (run.fence > 1) await endStagingSessions(ctx.database.db, runId);
  const record = createRunRecord(run, ctx.now);
  record.say(`attempt ${run.attempt} started: ${connector.tapName}, trigger ${trigger}`);
  const lease = holdLease(ctx, { ...run, runId }, { signal, record });
  const totalTimer = setTimeout(() => lease.stop('timeout'), ctx.settings.runTimeoutMs);
  const startedAt = performance.now();
  try {
    const outcome = await runTap(ctx, run, connector, lease, record);
    await reportOutcome(ctx, run, outcome, { record, durationS: secondsSince(startedAt) });
    const { status, rowsWritten: rows } = outcome;
    const code = 'errorCode' in outcome ? outcome.errorCode : undefined;
    const duration_ms = Math.round(performance.now() - startedAt);
    ctx.log.info({ event: 'run.reported', status, code, rows, duration_ms }, 'run reported');
  } catch (error) {
    await endStopped(ctx, run, lease, { error, record });
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
  record: RunRecord,
): Promise<RunOutcome> {
  let runner: Runner;
  let spec: RunSpec;
  try {
    const opened = openTap(ctx, connector);
    runner = opened.runner;
    spec = specFor(opened.spec, run, connector);
  } catch (error) {
    if (error instanceof AppError && error.retry === 'terminal') return refused(error);
    throw error;
  }
  const { log } = record;
  const countStaged = stagedCounter(ctx.metrics, connector.connectorType);
  const progress: RunHooks['progress'] = (stats) => {
    record.progress(stats);
    countStaged(stats);
  };
  const caution = runner.caution?.();
  if (caution) record.say(caution);
  const refusals = await openRefusedRecords(ctx, run, record);
  const told = createToldSchemas();
  const { take: schema } = told;
  const hooks: RunHooks = { log, progress, schema, refused: refusals.take, guardCommit: guardCommitOf(run) };
  const outcome = await ctx.tracing.span(
    'run.tap',
    { attributes: { 'ivory.tap': connector.tapName } },
    (span) => tapped(ctx, { runner, spec, hooks, signal: lease.signal, span }),
  );
  countStaged(outcome.streams);
  if (lease.stopReason()) throw new Error('stopped while the tap ran');
  await refusals.stored();
  await noteSchemas(ctx, run, told.streams(), record);
  return judgeRefusals(outcome);
}

interface Tapping {
  runner: Runner;
  spec: RunSpec;
  hooks: RunHooks;
  signal: AbortSignal;
  span: Span;
}

async function tapped(ctx: Ctx, { runner, spec, hooks, signal, span }: Tapping): Promise<RunOutcome> {
  const staging = stagingSpan(ctx);
  let streams: RunOutcome['streams'] = {};
  const watched: RunHooks = {
    ...hooks,
    progress(stats) {
      staging.seen();
      hooks.progress(stats);
    },
    schema(...told) {
      staging.seen();
      hooks.schema?.(...told);
    },
  };
  try {
    const outcome = await runner.execute(spec, watched, signal);
    streams = outcome.streams;
    if ('errorCode' in outcome) span.fail(outcome.errorCode);
    return outcome;
  } finally {
    staging.end(streams);
  }
}

function specFor(tap: TapSpec, run: RunRow, { tapState, stagingSchema }: ConnectorRow): RunSpec {
  return {
    ...tap,
    runId: run.id,
    trigger: run.trigger,
    state: tapState,
    stagingSchema,
    stagingSession: stagingSessionName(run.id),
    loadId: run.loadId,
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

async function reportOutcome(
  ctx: Ctx,
  run: RunRow,
  outcome: RunOutcome,
  { record, durationS }: { record: RunRecord; durationS: number },
): Promise<void> {
  const streams = Object.entries(outcome.streams);
  if (streams.length > 0) record.progress(outcome.streams);
  for (const [stream, { rows }] of streams) record.say(`staged ${stream}: ${rows} rows`);
  record.sumUp();
  await reportRun(ctx, {
    connectorId: run.connectorId,
    runId: run.id,
    fence: run.fence,
    status: outcome.status,
    rowsWritten: outcome.rowsWritten,
    tapState: outcome.state,
    errorCode: 'errorCode' in outcome ? outcome.errorCode : undefined,
    errorMsg: 'errorMsg' in outcome ? outcome.errorMsg : null,
    durationS,
    counted: !('errorCode' in outcome && isOperatorsFault(outcome.errorCode)),
    kept: { ...record.all(), streamStats: outcome.streams },
  });
}

function secondsSince(startedAt: number): number {
  return Math.round((performance.now() - startedAt) / 1000);
}
