import type { Ctx, Deps } from '../../context.ts';
import { claimForLoad, holdsLease, type RunRow, releaseRun } from '../../db/queries/run-claims.ts';
import type { ConnectorRow } from '../../db/queries/run-finish.ts';
import { findConnectorOfRun } from '../../db/queries/run-outcome.ts';
import type { TableStats } from '../../domain/stats.ts';
import { AppError, LostLeaseError } from '../../errors.ts';
import { replayLoadOf } from '../rejected-rows/take-up.ts';
import { CANCELLED, type FinishInput, finishRun } from './finish.ts';
import { guardCommitOf } from './guard-commit.ts';
import { holdLease, type Lease } from './hold-lease.ts';
import { loadStreams } from './load-streams.ts';
import { isPassing } from './passing-error.ts';
import { inRun } from './run-context.ts';
import { createRunRecord, type RunRecord } from './run-record.ts';
import { unmappedKeys, warnOfUnmappedKeys } from './unmapped-key.ts';

export interface LoadInput {
  runId: string;
  workerId: string;
  signal: AbortSignal;
  /** The queue will not deliver this job again: what fails now has failed. */
  lastAttempt: boolean;
}

/**
 * Carries one reported run from staging into the lakehouse and ends it.
 * Throws while it may be tried again: the run is given back first. A load that fails for good ends the run as failed and moves no state.
 */
export async function loadRun(
  deps: Deps,
  { runId, workerId, signal, lastAttempt }: LoadInput,
): Promise<void> {
  const run = await claimForLoad(deps.database.db, { runId, workerId, leaseMs: deps.settings.leaseMs });
  if (!run) return;
  await inRun(deps, run, { span: 'run.load', actor: 'worker:transform' }, (ctx) =>
    loadClaimed(ctx, run, signal, lastAttempt),
  );
}

async function loadClaimed(ctx: Ctx, run: RunRow, signal: AbortSignal, lastAttempt: boolean): Promise<void> {
  const runId = run.id;
  const connector = await findConnectorOfRun(ctx.database.db, run.tenantId, run.connectorId);
  if (!connector) return;
  const startedAt = performance.now();
  ctx.log.info({ event: 'run.load_started', trigger: run.trigger }, 'load started');
  const record = createRunRecord(run, ctx.now);
  record.say(run.attempt > 1 ? `loading, attempt ${run.attempt}` : 'loading');
  const appended = createAppended();
  const { isTooLateToCancel } = appended;
  const lease = holdLease(ctx, { ...run, runId }, { signal, record, isTooLateToCancel });
  try {
    const tables = await loadStaged(ctx, run, connector, { lease, record, appended });
    record.tables(tables);
    record.sumUp();
    await finishRun(ctx, {
      ...ending(run),
      status: run.reportStatus === 'partial' ? 'partial' : 'completed',
      tables,
      counted: true,
      kept: record.all(),
    });
    const duration_ms = Math.round(performance.now() - startedAt);
    ctx.log.info({ event: 'run.loaded', ...totals(tables), duration_ms }, 'run loaded');
  } catch (error) {
    await failed(ctx, run, { lease, record, error, lastAttempt, mustGoOn: appended.isKnown() });
  } finally {
    lease.release();
  }
}

async function loadStaged(
  ctx: Ctx,
  run: RunRow,
  connector: ConnectorRow,
  { lease, record, appended }: { lease: Lease; record: RunRecord; appended: Appended },
): Promise<TableStats[]> {
  const held = { tenantId: run.tenantId, runId: run.id, fence: run.fence };
  const guard = async () => {
    if (lease.signal.aborted || !(await holdsLease(ctx.database.db, held))) throw new LostLeaseError(run.id);
  };
  return loadStreams(ctx, {
    runId: run.id,
    loadId: run.loadId,
    connector,
    streams: Object.keys(run.streamStats),
    guard,
    guardCommit: guardCommitOf(run),
    signal: lease.signal,
    replay: run.trigger === 'replay' ? await replayLoadOf(ctx, run) : undefined,
    onAppended: appended.tell,
    onPlanned: (plans) => warnOfUnmappedKeys(ctx, run, unmappedKeys(plans, connector.loadMode), record),
    onProgress: record.tables,
    onLoaded: (stats) => record.say(loadedLine(stats)),
  });
}

/**
 * Whether rows are in a table that is only ever added to. From then on the run is carried to its end: ended before, with its bookmark
 * where it was, the next run would add the same rows again. Until that is known a cancel waits.
 */
interface Appended {
  tell(isAppended: boolean): void;
  isTooLateToCancel(): boolean;
  isKnown(): boolean;
}

function createAppended(): Appended {
  let found: boolean | null = null;
  return {
    tell(isAppended) {
      found = isAppended;
    },
    isTooLateToCancel: () => found !== false,
    isKnown: () => found === true,
  };
}

/** "loaded ns.deals from deals: 10 read, 9 loaded, 1 rejected; never delivered: Fax" */
function loadedLine({ stream, table, read, loaded, rejected, skipped, missingFields }: TableStats): string {
  const counts = [`${read} read`, `${loaded} loaded`, `${rejected} rejected`];
  if (skipped) counts.push(`${skipped} deleted at the source and not found`);
  const missing = missingFields ? `; never delivered: ${missingFields.join(', ')}` : '';
  return `loaded ${table} from ${stream}: ${counts.join(', ')}${missing}`;
}

interface Failure {
  lease: Lease;
  record: RunRecord;
  error: unknown;
  lastAttempt: boolean;
  /** While it can: what is away for now comes back. */
  mustGoOn: boolean;
}

async function failed(ctx: Ctx, run: RunRow, failure: Failure): Promise<void> {
  const { lease, record, error, lastAttempt, mustGoOn } = failure;
  const reason = lease.stopReason() ?? (error instanceof LostLeaseError ? 'lost' : null);
  ctx.log.warn({ event: 'run.load_stopped', reason, err: error }, 'load stopped');
  if (reason === 'lost') return;
  if (reason === 'cancelled')
    return end(ctx, run, record, {
      ...CANCELLED,
      errorMsg: 'The run was cancelled while it loaded.',
    });
  const terminal = error instanceof AppError && error.retry === 'terminal';
  if (reason === null && (terminal || lastAttempt) && !(mustGoOn && isPassing(error))) {
    const code = error instanceof AppError ? error.code : 'load.failed';
    return end(ctx, run, record, {
      status: 'failed',
      errorCode: code,
      errorMsg: publicMessage(error),
      counted: true,
    });
  }
  record.say(`the load stopped and is tried again: ${reason ?? publicMessage(error)}`);
  const held = { tenantId: run.tenantId, runId: run.id, fence: run.fence };
  // one that ended or was deleted meanwhile is nobody's to try again
  if (await releaseRun(ctx.database.db, held, 'loading', record.all())) throw error;
}

/** Only our own errors speak to the tenant; a driver's message may name what is not theirs. */
function publicMessage(error: unknown): string {
  return error instanceof AppError
    ? error.message
    : 'The load failed for an internal reason; the operator finds it in the log.';
}

type End = Pick<FinishInput, 'status' | 'errorCode' | 'errorMsg' | 'counted'>;

async function end(ctx: Ctx, run: RunRow, record: RunRecord, how: End): Promise<void> {
  await finishRun(ctx, { ...ending(run), ...how, tables: [], kept: record.all() });
}

function ending(run: RunRow) {
  const { errorCode, errorMsg } = run;
  return { runId: run.id, connectorId: run.connectorId, fence: run.fence, errorCode, errorMsg };
}

/** A run may load a thousand tables: its log tells each, this one how many. */
function totals(tables: readonly TableStats[]) {
  const sum = (count: (table: TableStats) => number) => tables.reduce((all, table) => all + count(table), 0);
  return {
    tables: tables.length,
    rows_read: sum(({ read }) => read),
    rows_loaded: sum(({ loaded }) => loaded),
    rows_rejected: sum(({ rejected }) => rejected),
  };
}
