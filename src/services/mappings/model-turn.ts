import type { Deps } from '../../context.ts';
import { countUnderWay } from '../../db/queries/llm-calls.ts';
import type { MappingJob } from '../../db/queries/mapping-jobs.ts';
import { longestCallMs } from '../llm/open-call.ts';

/** The request waits a minute for its answer: from here on the matcher's is better than none. */
const PATIENCE_MS = 40_000;

/** Whether a job may still wait for other questions of its tenant to end. */
export function mayWait({ createdAt }: Pick<MappingJob, 'createdAt'>, now: Date): boolean {
  return now.getTime() - createdAt.getTime() < PATIENCE_MS;
}

/** Whether the tenant's places with the model are taken, or this very job is being worked on elsewhere. */
export async function isCrowded(
  deps: Deps,
  { tenantId, id }: Pick<MappingJob, 'tenantId' | 'id'>,
): Promise<boolean> {
  const asked = { tenantId, subject: id, longestMs: longestCallMs(deps), now: deps.now() };
  const { calls, ofSubject } = await countUnderWay(deps.database.db, asked);
  return calls >= deps.settings.llm.tenantMaxCalls || ofSubject > 0;
}
