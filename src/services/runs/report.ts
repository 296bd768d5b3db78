import { type Ctx, causeOf } from '../../context.ts';
import type { DbOrTx } from '../../db/client.ts';
import { addToOutbox } from '../../db/queries/outbox.ts';
import type { RunRow } from '../../db/queries/run-claims.ts';
import { type LockedConnector, lockConnector } from '../../db/queries/run-finish.ts';
import type { KeptRecord } from '../../db/queries/run-log.ts';
import {
  findRunAnywhere,
  findUnfinishedRun,
  insertExternalRun,
  markReported,
} from '../../db/queries/run-reports.ts';
import type { JsonText } from '../../domain/lossless-json.ts';
import { isFinished, type ReportStatus } from '../../domain/run-state.ts';
import { ConflictError, ForbiddenError, LostLeaseError } from '../../errors.ts';
import { relaySoon } from '../outbox/relay.ts';
import { countEnd, type RunEnd } from './count-end.ts';
import { loadEntry } from './entries.ts';
import { CANCELLED, type FinishInput, finishLocked } from './finish.ts';

export interface ReportInput {
  connectorId: string;
  /** null: an external runner that does not know Ivory's run ids. */
  runId: string | null;
  status: ReportStatus;
  rowsWritten: number;
  tapState: JsonText | null;
  errorMsg: string | null;
  durationS: number | null;
  errorCode?: string;
  /** Our own worker's lease; it reports only what it still owns. */
  fence?: number;
  /** What our own worker kept of its work. */
  kept?: KeptRecord;
  /** False when a failure is not the source's: the breaker does not count it. */
  counted?: boolean;
}

/**
 * Takes the report of a finished tap, from our runner or from a webhook. A failed run ends here; the others go on to be loaded.
 * A run reported before is answered with its id and changes nothing.
 * Errors: ForbiddenError `webhook.forbidden` (the run is another's), LostLeaseError (our worker lost it).
 */
export function reportRun(ctx: Ctx, input: ReportInput): Promise<{ runId: string }> {
  return ctx.tracing.span('run.report', { attributes: { 'ivory.status': input.status } }, () =>
    report(ctx, input),
  );
}

async function report(ctx: Ctx, input: ReportInput): Promise<{ runId: string }> {
  const { runId, end } = await ctx.database.db.transaction(async (tx) => {
    const connector = await lockConnector(tx, ctx.tenantId, input.connectorId);
    if (!connector) throw forbidden();
    const run = await findOrMakeRun(ctx, tx, input);
    if (run.status === 'loading' || isFinished(run.status)) return { runId: replayed(run, input), end: null };
    const marked = await mark(ctx, tx, run, input);
    if (!marked) throw new LostLeaseError(run.id);
    return { runId: run.id, end: await goOn(ctx, tx, connector, marked, input) };
  });
  if (input.fence === undefined) tellExternal(ctx, input, runId);
  if (end) countEnd(ctx, end);
  await relaySoon(ctx);
  return { runId };
}

/** Our own worker says so itself. */
function tellExternal(
  { log }: Ctx,
  { connectorId, status, rowsWritten: rows }: ReportInput,
  runId: string,
): void {
  const ids = { connector_id: connectorId, run_id: runId };
  log.info({ event: 'run.reported', ...ids, status, rows }, 'run reported');
}

/** A second report of the same run by a webhook is answered as the first; by one of our workers it means the lease is gone. */
function replayed(run: RunRow, input: ReportInput): string {
  if (input.fence !== undefined) throw new LostLeaseError(run.id);
  return run.id;
}

async function findOrMakeRun(ctx: Ctx, tx: DbOrTx, input: ReportInput): Promise<RunRow> {
  const known = input.runId ? await findRunAnywhere(tx, input.runId) : null;
  if (known) return ownRun(ctx, known, input);
  const unfinished = await findUnfinishedRun(tx, ctx.tenantId, input.connectorId);
  if (unfinished?.trigger === 'replay') throw anotherUnfinished();
  if (unfinished && !input.runId) return unfinished;
  return makeRun(ctx, tx, input);
}

function ownRun(ctx: Ctx, run: RunRow, input: ReportInput): RunRow {
  if (run.tenantId === ctx.tenantId && run.connectorId === input.connectorId) return run;
  throw forbidden();
}

async function makeRun(ctx: Ctx, tx: DbOrTx, input: ReportInput): Promise<RunRow> {
  const id = input.runId ?? ctx.newId();
  const { connectorId } = input;
  await insertExternalRun(tx, { id, tenantId: ctx.tenantId, connectorId, cause: causeOf(ctx) });
  const run =
    (await findRunAnywhere(tx, id)) ?? (await findUnfinishedRun(tx, ctx.tenantId, input.connectorId));
  if (run && (run.id === id || !input.runId)) return ownRun(ctx, run, input);
  throw anotherUnfinished();
}

function anotherUnfinished(): ConflictError {
  const message = 'The connector has another unfinished run; report again when it has ended.';
  return new ConflictError('run.unfinished', message);
}

function mark(ctx: Ctx, tx: DbOrTx, run: RunRow, input: ReportInput): Promise<RunRow | null> {
  return markReported(tx, {
    tenantId: ctx.tenantId,
    runId: run.id,
    fence: input.fence ?? null,
    reportStatus: input.status,
    state: input.tapState,
    rowsWritten: input.rowsWritten,
    durationS: input.durationS,
    kept: input.kept,
    errorCode: input.errorCode ?? (input.status === 'completed' ? null : `tap.${input.status}`),
    errorMsg: input.errorMsg,
  });
}

async function goOn(
  ctx: Ctx,
  tx: DbOrTx,
  connector: LockedConnector,
  run: RunRow,
  input: ReportInput,
): Promise<RunEnd | null> {
  if (run.cancelRequestedAt) return end(ctx, tx, connector, run, CANCELLED);
  if (input.status !== 'failed') {
    await addToOutbox(tx, loadEntry(run.id, run.fence));
    return null;
  }
  return end(ctx, tx, connector, run, {
    status: 'failed',
    errorCode: run.errorCode,
    errorMsg: run.errorMsg ?? 'The tap failed and said nothing.',
    counted: input.counted ?? true,
  });
}

type End = Pick<FinishInput, 'status' | 'errorCode' | 'errorMsg' | 'counted'>;

function end(
  ctx: Ctx,
  tx: DbOrTx,
  connector: LockedConnector,
  run: RunRow,
  how: End,
): Promise<RunEnd | null> {
  return finishLocked(ctx, tx, connector, {
    ...how,
    runId: run.id,
    connectorId: connector.id,
    fence: run.fence,
    tables: [],
  });
}

/** The words of every refused webhook, whatever was wrong with it. */
function forbidden(): ForbiddenError {
  return new ForbiddenError('webhook.forbidden', 'The webhook signature is not valid.');
}
