import { type Ctx, contextFor, type Deps } from '../../context.ts';
import {
  type ConnectorTask,
  claimTask,
  endTask,
  type HeldTask,
  releaseTask,
} from '../../db/queries/connector-tasks.ts';
import type { ConnectorRow } from '../../db/queries/run-finish.ts';
import { findConnectorOfRun } from '../../db/queries/run-outcome.ts';
import type { CheckOutcome, DiscoverOutcome, TaskKind } from '../../domain/connector-task.ts';
import { createLogTail } from '../../domain/log-tail.ts';
import { AppError } from '../../errors.ts';
import { openTap } from '../runs/open-tap.ts';
import { endAsked } from './end-asked.ts';
import { holdTask } from './hold-task.ts';

export interface RunTaskInput {
  taskId: string;
  workerId: string;
  signal: AbortSignal;
  /** The queue will not deliver this job again. */
  lastAttempt: boolean;
  /** What a source may take to answer. */
  timeoutMs?: number;
}

/** Big sources describe thousands of tables; a check need not wait for so long. */
const TIMEOUT_MS: Record<TaskKind, number> = { check: 60_000, discover: 5 * 60_000 };
const LOG_CHARS = 16_000;

/**
 * Asks a connector's source and ends the task; done twice it changes nothing. A source that fails is a result, never a throw.
 * Throws what may go away by itself: the task is given back first.
 */
export async function runTask(
  deps: Deps,
  { taskId, workerId, signal, lastAttempt, timeoutMs }: RunTaskInput,
): Promise<void> {
  const { leaseMs } = deps.settings;
  const task = await claimTask(deps.database.db, { taskId, workerId, leaseMs });
  if (!task) return;
  const attributes = { ...spanIds(task), 'ivory.task': task.kind };
  const { traceparent: parent } = task;
  await deps.tracing.span('task.run', { kind: 'consumer', parent, attributes }, () =>
    runClaimed(contextOf(deps, task), task, { signal, lastAttempt, timeoutMs }),
  );
}

function contextOf(deps: Deps, { id, tenantId, connectorId, requestId, attempt }: ConnectorTask): Ctx {
  const about = { connector_id: connectorId, task_id: id, attempt };
  return contextFor(deps, { tenantId, actor: 'worker:runner', requestId: requestId ?? id, about });
}

async function runClaimed(
  ctx: Ctx,
  task: ConnectorTask,
  { signal, lastAttempt, timeoutMs }: Omit<RunTaskInput, 'taskId' | 'workerId'>,
): Promise<void> {
  const taskId = task.id;
  const connector = await findConnectorOfRun(ctx.database.db, task.tenantId, task.connectorId);
  if (!connector) return;
  const startedAt = performance.now();
  ctx.log.info({ event: 'task.claimed', kind: task.kind }, 'asking a source');
  const held = { tenantId: task.tenantId, taskId, attempt: task.attempt };
  const lease = holdTask(ctx, held);
  const tail = createLogTail(LOG_CHARS);
  try {
    const stop = AbortSignal.any([signal, lease.signal]);
    const outcome = await ask(ctx, task, connector, {
      stop,
      log: tail.add,
      timeoutMs: timeoutMs ?? TIMEOUT_MS[task.kind],
    });
    await endAsked(ctx, held, { connector, outcome, logTail: tail.text() });
    const code = 'errorCode' in outcome ? outcome.errorCode : undefined;
    const duration_ms = Math.round(performance.now() - startedAt);
    ctx.log.info({ event: 'task.ended', kind: task.kind, ok: outcome.ok, code, duration_ms }, 'source asked');
  } catch (error) {
    if (lease.signal.aborted) return;
    await failed(ctx, held, error, lastAttempt && !signal.aborted);
  } finally {
    lease.release();
  }
}

interface Asking {
  stop: AbortSignal;
  timeoutMs: number;
  log(line: string): void;
}

async function ask(
  ctx: Ctx,
  { kind }: ConnectorTask,
  connector: ConnectorRow,
  { stop, timeoutMs, log }: Asking,
): Promise<CheckOutcome | DiscoverOutcome> {
  const late = AbortSignal.timeout(timeoutMs);
  try {
    const { runner, spec } = openTap(ctx, connector);
    return await runner[kind](spec, { log }, AbortSignal.any([stop, late]));
  } catch (error) {
    if (stop.aborted) throw error;
    if (late.aborted) {
      const message = `The source gave no answer within ${timeoutMs / 1000} s and was stopped.`;
      return { ok: false, errorCode: 'tap.timeout', message };
    }
    if (!(error instanceof AppError) || error.retry === 'transient') throw error;
    return { ok: false, errorCode: error.code, message: error.message };
  }
}

async function failed(ctx: Ctx, held: HeldTask, error: unknown, isLast: boolean): Promise<void> {
  ctx.log.warn({ event: 'task.failed', err: error }, 'source not asked');
  if (!isLast) {
    await releaseTask(ctx.database.db, held);
    throw error;
  }
  await endTask(ctx.database.db, held, {
    status: 'failed',
    errorCode: error instanceof AppError ? error.code : 'task.failed',
    errorMsg: 'The source could not be asked for a reason on our side; try again later.',
  });
}

function spanIds({ id, tenantId, connectorId, attempt }: ConnectorTask) {
  return {
    'ivory.tenant_id': tenantId,
    'ivory.connector_id': connectorId,
    'ivory.task_id': id,
    'ivory.attempt': attempt,
  };
}
