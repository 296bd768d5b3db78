import type { Deps, RetentionSettings } from '../../context.ts';
import type { DbOrTx } from '../../db/client.ts';
import { pruneFoundryAnswers } from '../../db/queries/foundry-answers.ts';
import { pruneLlmAnswers, pruneLlmCalls } from '../../db/queries/llm-prune.ts';
import { pruneNotifications } from '../../db/queries/notification-deliveries.ts';
import {
  briefly,
  type Old,
  pruneAuditEvents,
  pruneConnectorTasks,
  pruneIdempotencyKeys,
  pruneMappingJobs,
  pruneOutbox,
  pruneRejectedRows,
} from '../../db/queries/prune.ts';
import { pruneLogs, pruneRuns, type RunPlace } from '../../db/queries/prune-runs.ts';
import { orphanSchemaStep } from './drop-orphan-schemas.ts';
import { stagedRowStep } from './prune-staged.ts';
import type { Kind, Step } from './prune-step.ts';

const DAY_MS = 24 * 3_600_000;
/** Rows of one statement. */
const BATCH = 1_000;

interface ByAge {
  /** How long it is kept; null: for ever. */
  keepMs(settings: RetentionSettings): number | null;
  prune(tx: DbOrTx, old: Old): Promise<number>;
}

/** What goes by its age alone. */
const BY_AGE = {
  /** A key is free after a day. */
  idempotencyKeys: { keepMs: () => 2 * DAY_MS, prune: pruneIdempotencyKeys },
  mappingJobs: { keepMs: () => 7 * DAY_MS, prune: pruneMappingJobs },
  connectorTasks: { keepMs: () => 7 * DAY_MS, prune: pruneConnectorTasks },
  outbox: { keepMs: () => 7 * DAY_MS, prune: pruneOutbox },
  /** Longer than the retries of one may take, with every wait a receiver can ask for. */
  notifications: { keepMs: () => 30 * DAY_MS, prune: pruneNotifications },
  llmAnswers: { keepMs: () => 30 * DAY_MS, prune: pruneLlmAnswers },
  auditEvents: { keepMs: ({ auditMs }) => auditMs, prune: pruneAuditEvents },
  llmCalls: { keepMs: ({ auditMs }) => auditMs, prune: pruneLlmCalls },
  foundryAnswers: { keepMs: ({ auditMs }) => auditMs, prune: pruneFoundryAnswers },
  rejectedRows: { keepMs: ({ rejectedMs }) => rejectedMs, prune: pruneRejectedRows },
  logs: { keepMs: ({ logsMs }) => logsMs, prune: pruneLogs },
} as const satisfies Record<string, ByAge>;

export type PruneKind = keyof typeof BY_AGE | 'runs' | 'stagedRows' | 'stagingSchemas';

/** Every kind that is not kept for ever, in the order they take turns. */
export function pruneKinds(deps: Deps): Map<PruneKind, Kind> {
  const { retention } = deps.settings;
  const kinds = new Map<PruneKind, Kind>();
  for (const [name, { keepMs, prune }] of Object.entries<ByAge>(BY_AGE)) {
    const kept = keepMs(retention);
    if (kept !== null) kinds.set(name as keyof typeof BY_AGE, { step: ageStep(deps, kept, prune) });
  }
  if (retention.runsMs !== null) kinds.set('runs', { step: runStep(deps, retention.runsMs) });
  if (retention.stagedMs !== null) kinds.set('stagedRows', stagedRowStep(deps, retention.stagedMs));
  kinds.set('stagingSchemas', { step: orphanSchemaStep(deps) });
  return kinds;
}

function ageStep(deps: Deps, keepMs: number, prune: ByAge['prune']): Step {
  const before = new Date(deps.now().getTime() - keepMs);
  return async () => {
    const rows = await briefly(deps.database.db, (tx) => prune(tx, { before, limit: BATCH }));
    return { rows, more: rows === BATCH };
  };
}

/** Goes on where it was: runs that stay are looked at once. */
function runStep(deps: Deps, keepMs: number): Step {
  const before = new Date(deps.now().getTime() - keepMs);
  let after: RunPlace | null = null;
  return async () => {
    const { rows, last } = await briefly(deps.database.db, (tx) =>
      pruneRuns(tx, { before, limit: BATCH, after }),
    );
    after = last ?? after;
    return { rows, more: last !== null };
  };
}
