import { setTimeout as pause } from 'node:timers/promises';
import type { Deps } from '../../context.ts';
import { runsWait } from '../../db/queries/prune.ts';
import { type PruneKind, pruneKinds } from './prune-kinds.ts';
import type { Step } from './prune-step.ts';

/** Rows deleted of each kind that had any. */
export type Pruned = Partial<Record<PruneKind, number>>;

export interface PruneLimits {
  /** What is left then is for the next tick, which any scheduler may take. */
  tickMs: number;
  /** Between two rounds while runs wait for a worker: they come first. */
  pauseMs: number;
}

const LIMITS: PruneLimits = { tickMs: 60_000, pauseMs: 1_000 };

/**
 * Deletes what is kept no longer (docs/operations.md), in short statements that wait for no lock. The kinds take turns, so that a backlog of
 * one holds up no other, and one that fails is left for the next tick. Safe with several at once. Answers how much of each.
 */
export async function prune(
  deps: Deps,
  signal?: AbortSignal,
  { tickMs, pauseMs }: PruneLimits = LIMITS,
): Promise<Pruned> {
  const kinds = pruneKinds(deps);
  const open = new Map(kinds);
  const pruned: Pruned = {};
  const endsAt = performance.now() + tickMs;
  try {
    while (open.size > 0) {
      for (const [kind, { step }] of open) {
        if (signal?.aborted || performance.now() > endsAt) return pruned;
        const { rows, more } = await orGivenUp(deps, kind, step);
        if (rows > 0) pruned[kind] = (pruned[kind] ?? 0) + rows;
        if (!more) open.delete(kind);
      }
      if (open.size > 0 && (await runsWait(deps.database.db)))
        await pause(pauseMs, undefined, { signal }).catch(() => {});
    }
    return pruned;
  } finally {
    for (const [kind, { release }] of kinds)
      if (release) await orGivenUp(deps, kind, () => release().then(() => NOTHING));
    tell(deps, pruned, [...open.keys()]);
  }
}

async function orGivenUp(deps: Deps, kind: PruneKind, work: Step): Promise<{ rows: number; more: boolean }> {
  try {
    return await work();
  } catch (error) {
    deps.log.warn(
      { event: 'prune.failed', kind, err: error },
      'not everything could be pruned; the next tick tries again',
    );
    return NOTHING;
  }
}

const NOTHING = { rows: 0, more: false };

function tell({ metrics, log }: Deps, pruned: Pruned, left: readonly PruneKind[]): void {
  const counts = Object.entries(pruned);
  for (const [kind, rows] of counts) metrics.rowsPruned(kind, rows);
  if (counts.length > 0) log.info({ event: 'prune.ended', pruned, left }, 'pruned');
}
