import type { Ctx } from '../../context.ts';
import { type RunRow, releaseBrokenRun, releaseRun } from '../../db/queries/run-claims.ts';
import { AppError, LostLeaseError } from '../../errors.ts';
import { CANCELLED, type FinishInput, finishRun } from './finish.ts';
import type { Lease } from './hold-lease.ts';
import { isOperatorsFault } from './operator-faults.ts';
import { isPassing } from './passing-error.ts';
import type { RunRecord } from './run-record.ts';

/** Times an error nobody foresaw is tried again, workers lost to the tap included: the tap may be what provokes it. */
const MAX_ATTEMPTS = 3;

/**
 * What becomes of a run whose work was stopped, or broke in our own hands: ended, or given back for another try. Throws `error` when it
 * was given back.
 */
export async function endStopped(
  ctx: Ctx,
  run: RunRow,
  lease: Lease,
  { error, record }: { error: unknown; record: RunRecord },
): Promise<void> {
  const reason = error instanceof LostLeaseError ? 'lost' : lease.stopReason();
  const held = { tenantId: ctx.tenantId, runId: run.id, fence: run.fence };
  const end = endOf(ctx, run, reason, error);
  const isUnforeseen = reason === null && !(error instanceof AppError) && !isPassing(error);
  const level = isUnforeseen ? 'error' : 'warn';
  ctx.log[level]({ event: 'run.stopped', reason, err: error }, 'run stopped');
  if (reason === 'lost') return;
  if (end) {
    const { id: runId, connectorId, fence } = run;
    await finishRun(ctx, { runId, connectorId, fence, tables: [], kept: record.all(), ...end });
    return;
  }
  record.say(reason === 'shutdown' ? SHUT_DOWN : isUnforeseen ? unforeseenLine(error) : GIVEN_BACK);
  const { db } = ctx.database;
  const isReleased = await (isUnforeseen
    ? releaseBrokenRun(db, held, record.all())
    : releaseRun(db, held, 'queued', record.all()));
  // one that ended or was deleted meanwhile is nobody's to try again
  if (isReleased) throw error;
}

const SHUT_DOWN = 'the worker shuts down; the run waits for another one';
const GIVEN_BACK = 'something of ours did not answer; the run waits for another try';

type End = Pick<FinishInput, 'status' | 'errorCode' | 'errorMsg' | 'counted'>;

/** null: it is to be tried again. */
function endOf(ctx: Ctx, run: RunRow, reason: ReturnType<Lease['stopReason']>, error: unknown): End | null {
  if (reason === 'cancelled') return CANCELLED;
  if (reason === 'timeout') return timedOut(ctx);
  if (reason !== null || isPassing(error)) return null;
  if (error instanceof AppError) {
    const { code: errorCode, message: errorMsg } = error;
    return { status: 'failed', errorCode, errorMsg, counted: !isOperatorsFault(errorCode) };
  }
  return run.attempt < MAX_ATTEMPTS ? null : internal(run, error);
}

function timedOut({ settings }: Ctx): End {
  const errorMsg = `The run took longer than ${settings.runTimeoutMs / 1000} s and was stopped.`;
  return { status: 'failed', errorCode: 'run.timeout', errorMsg, counted: true };
}

function internal({ attempt }: RunRow, error: unknown): End {
  const errorMsg = `The run broke off ${attempt} times, last for an error of Ivory's own (${nameOf(error)}); the operator finds it in the runner's log.`;
  return { status: 'failed', errorCode: 'run.internal', errorMsg, counted: true };
}

function unforeseenLine(error: unknown): string {
  return `the run broke off for an error of Ivory's own (${nameOf(error)}) and waits for another try`;
}

/** "TypeError ERR_INVALID_ARG_TYPE": its message may hold what is not the tenant's, or a secret. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : '';
  return `${error.name}${code}`.replace(/[^\w ]/g, '').slice(0, 80);
}
