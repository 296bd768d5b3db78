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
import { AppError, messageOf } from '../../errors.ts';
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
  const ctx = contextFor(deps, { tenantId: task.tenantId, actor: 'worker:runner', requestId: taskId });
  const connector = await findConnectorOfRun(deps.database.db, task.tenantId, task.connectorId);
  if (!connector) return;
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
    ctx.log.info({ ...ids(task), ok: outcome.ok }, 'source asked');
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
  ctx.log.warn({ taskId: held.taskId, error: messageOf(error) }, 'source not asked');
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

function ids({ id, connectorId, kind }: ConnectorTask) {
  return { taskId: id, connectorId, kind };
}
