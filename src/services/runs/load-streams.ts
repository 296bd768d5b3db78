import type { Ctx } from '../../context.ts';
import { listMappingsByAge, type MappingRow } from '../../db/queries/load-mappings.ts';
import { listLatestRequests } from '../../db/queries/mapping-jobs.ts';
import {
  adoptStagedTable,
  claimStagedRows,
  LOAD_COLUMN,
  listStagedTables,
  type StagedTable,
} from '../../db/queries/staging.ts';
import { inColumnOrder } from '../../domain/column-order.ts';
import type { TableStats } from '../../domain/stats.ts';
import { InvalidError } from '../../errors.ts';
import type { ReplayLoad } from '../rejected-rows/take-up.ts';
import { hasAppended } from './has-appended.ts';
import { takeLeftBehind } from './left-behind.ts';
import type { LoadJob } from './load-job.ts';
import { loadTable } from './load-table.ts';
import { planStreams } from './plan-streams.ts';
import { planTable, type TablePlan } from './plan-table.ts';

export interface LoadStreamsInput extends LoadJob {
  /** Names the runner reported; an external run may name none. */
  streams: string[];
  /** Set when rejected rows are loaded again. */
  replay?: ReplayLoad;
  /** Called before anything is loaded. */
  onPlanned?(plans: readonly TablePlan[]): Promise<void>;
  /** Called after every batch with all tables so far. */
  onProgress?(stats: TableStats[]): void;
  /** Called after every table that is loaded. */
  onLoaded?(stats: TableStats): void;
}

/**
 * Carries every row the run staged into the lakehouse, stream by stream, each table exactly once. Safe to call again for the same run.
 * A stream that is refused does not hold up those with keys: they are loaded, then the refusal is thrown. Streams that append wait for a
 * run without refusals: a failed run is repeated from its old state, and what it had appended would be there twice.
 * Errors: InvalidError `load.*`, `lakehouse.*`, `type.unknown`; UnavailableError; LostLeaseError; the signal's reason.
 */
export async function loadStreams(ctx: Ctx, input: LoadStreamsInput): Promise<TableStats[]> {
  const refusals: InvalidError[] = [];
  const all = await planLoads(ctx, input, refusals);
  const plans = input.replay ? await input.replay.takeUp(all) : all;
  if (!input.replay) await takeLeftBehind(ctx, input, plans);
  await input.onPlanned?.(plans);
  input.onAppended?.(await hasAppended(ctx, input, plans));
  const done: TableStats[] = [];
  for (const plan of plans) {
    input.signal.throwIfAborted();
    if (plan.mode === 'append' && refusals.length > 0) break;
    await orRefusal(refusals, async () => {
      const attributes = { 'ivory.table': plan.targetTable };
      const stats = await ctx.tracing.span('load.table', { attributes }, () =>
        loadTable(ctx, input, plan, (current) => input.onProgress?.([...done, current])),
      );
      if (!stats) return;
      done.push(stats);
      input.onLoaded?.(stats);
    });
  }
  if (refusals.length > 0) throw refusalOf(refusals);
  return done;
}

/** Those with keys first. */
async function planLoads(ctx: Ctx, input: LoadStreamsInput, refusals: InvalidError[]): Promise<TablePlan[]> {
  const { connector, streams, replay } = input;
  const tables = await stagedTables(ctx, input);
  const { db } = ctx.database;
  const mappings = await listMappingsByAge(db, ctx.tenantId, connector.id);
  const requests = await listLatestRequests(db, ctx.tenantId, connector.id);
  const inOrder = (own: MappingRow[] | null) => own && inColumnOrder(own, ctx.canonicalSchemas, requests);
  const plans: TablePlan[] = [];
  const targets = planStreams({ destinationTable: connector.destinationTable, mappings, tables, streams });
  for (const target of targets.filter(({ stream }) => replay?.streams.has(stream) ?? true)) {
    await orRefusal(refusals, async () => {
      plans.push(planTable({ ...target, mappings: inOrder(target.mappings) }, connector.loadMode));
    });
  }
  return plans.sort((a, b) => Number(a.mode === 'append') - Number(b.mode === 'append'));
}

async function orRefusal(refusals: InvalidError[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error;
    refusals.push(error);
  }
}

/** The staging tables, with every row of this run marked as its own. */
async function stagedTables(
  ctx: Ctx,
  { connector, loadId, signal, replay }: LoadStreamsInput,
): Promise<StagedTable[]> {
  const { sql } = ctx.database;
  const found = await listStagedTables(sql, connector.stagingSchema);
  // what another loader has written meanwhile is for the run it reports
  if (replay) return found;
  const foreign = found.filter((table) => table.adopted || !hasLoadColumn(table));
  for (const table of foreign) {
    if (!table.adopted) await adoptStagedTable(sql, table);
    await claimStagedRows(sql, table, loadId, signal);
  }
  return foreign.length === 0 ? found : listStagedTables(sql, connector.stagingSchema);
}

function hasLoadColumn({ columns }: StagedTable): boolean {
  return columns.some(({ name }) => name === LOAD_COLUMN);
}

function refusalOf(refusals: readonly InvalidError[]): InvalidError {
  const [first] = refusals;
  if (first && refusals.length === 1) return first;
  const messages = refusals.map(({ message }) => message).join(' ');
  return new InvalidError(first?.code ?? 'load.refused', messages, {
    errors: refusals.flatMap(({ errors }) => errors),
  });
}
