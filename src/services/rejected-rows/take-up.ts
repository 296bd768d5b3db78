import type { Ctx } from '../../context.ts';
import {
  dropSuperseded,
  listReplayColumns,
  listReplayEntries,
  type ReplayEntry,
  takeUpStaged,
} from '../../db/queries/rejected-row-replays.ts';
import { holdRun, type RunRow } from '../../db/queries/run-claims.ts';
import { LostLeaseError } from '../../errors.ts';
import type { TablePlan } from '../runs/plan-table.ts';

/** How a load carries a replay instead of what a tap has staged. */
export interface ReplayLoad {
  streams: ReadonlySet<string>;
  /** Marks the rows to be loaded as the run's own. Answers the plans that load them. */
  takeUp(plans: readonly TablePlan[]): Promise<TablePlan[]>;
}

const BATCH = 500;

/** What a replay was given is found in staging and marked as this run's; from there on it is a load like any other. */
export async function replayLoadOf(ctx: Ctx, run: RunRow): Promise<ReplayLoad> {
  const columns = await listReplayColumns(ctx.database.db, run);
  const byStream = Map.groupBy(columns, ({ stream }) => stream);
  return {
    streams: new Set(byStream.keys()),
    async takeUp(plans) {
      const chosen: TablePlan[] = [];
      for (const [stream, rejected] of byStream) {
        const ofStream = plans.filter((plan) => plan.stream === stream);
        const [first] = ofStream;
        if (!first) continue;
        await takeUpStream(
          ctx,
          run,
          first,
          ofStream.every(({ mode }) => mode === 'upsert'),
        );
        chosen.push(...refusing(ofStream, new Set(rejected.map(({ column }) => column))));
      }
      return chosen;
    },
  };
}

/** The tables that had refused the rows; all of the stream's when none has such a column any more. */
function refusing(plans: readonly TablePlan[], columns: ReadonlySet<string>): TablePlan[] {
  const own = plans.filter((plan) =>
    [...plan.columns, ...plan.emptyColumns].some(({ targetColumn }) => columns.has(targetColumn)),
  );
  return own.length > 0 ? own : [...plans];
}

async function takeUpStream(
  ctx: Ctx,
  run: RunRow,
  { stream, table }: TablePlan,
  upserts: boolean,
): Promise<void> {
  const { db } = ctx.database;
  for (let after = 0; ; ) {
    const entries = await listReplayEntries(db, run, { stream, after, limit: BATCH });
    const last = entries.at(-1);
    if (!last) return;
    after = last.id;
    await db.transaction(async (tx) => {
      // whoever ends the run waits for this, or comes first: both write the same rows
      if (!(await holdRun(tx, { ...run, runId: run.id }))) throw new LostLeaseError(run.id);
      for (const [columns, group] of byColumns(entries)) {
        await takeUpStaged(tx, run, table, { columns, ids: group.map(({ id }) => id) });
      }
      const ids = entries.map(({ id }) => id);
      if (upserts && table.primaryKey.length > 0) await dropSuperseded(tx, run, table, ids);
    });
  }
}

/** Rows kept under other mappings may hold other columns. */
function byColumns(entries: readonly ReplayEntry[]): [string[], ReplayEntry[]][] {
  const groups = Map.groupBy(entries, ({ row }) => JSON.stringify(Object.keys(JSON.parse(row))));
  return [...groups].map(([columns, group]) => [JSON.parse(columns), group]);
}
