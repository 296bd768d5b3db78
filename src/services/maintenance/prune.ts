import type { Deps } from '../../context.ts';
import type { DbOrTx } from '../../db/client.ts';
import { pruneFoundryAnswers } from '../../db/queries/foundry-answers.ts';
import { pruneLlmAnswers, pruneLlmCalls } from '../../db/queries/llm-prune.ts';
import { pruneAuditEvents, pruneIdempotencyKeys, pruneMappingJobs } from '../../db/queries/prune.ts';

const KINDS = {
  idempotencyKeys: pruneIdempotencyKeys,
  mappingJobs: pruneMappingJobs,
  auditEvents: pruneAuditEvents,
  llmCalls: pruneLlmCalls,
  llmAnswers: pruneLlmAnswers,
  foundryAnswers: pruneFoundryAnswers,
} as const satisfies Record<string, (db: DbOrTx, limit: number) => Promise<number>>;

export type Pruned = Record<keyof typeof KINDS, number>;

const BATCH = 1_000;
/** What is left is for the next hour. */
const MAX_BATCHES = 100;

/** Deletes what nobody will ask for again, in short statements. Safe with several at once. Answers how much of each. */
export async function prune({ database, log }: Deps, signal?: AbortSignal): Promise<Pruned> {
  const pruned: Pruned = {
    idempotencyKeys: 0,
    mappingJobs: 0,
    auditEvents: 0,
    llmCalls: 0,
    llmAnswers: 0,
    foundryAnswers: 0,
  };
  for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[]) {
    for (let batches = 0; batches < MAX_BATCHES && !signal?.aborted; batches++) {
      const count = await KINDS[kind](database.db, BATCH);
      pruned[kind] += count;
      if (count < BATCH) break;
    }
  }
  log.info({ pruned }, 'pruned');
  return pruned;
}
