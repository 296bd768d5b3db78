import { z } from 'zod';
import { type Ctx, causeOf } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import type { RunRow } from '../../db/queries/run-claims.ts';
import { type LockedConnector, lockConnector } from '../../db/queries/run-finish.ts';
import { findUnfinishedRun } from '../../db/queries/run-reports.ts';
import { makeDueForNews, saveNudge } from '../../db/queries/source-nudges.ts';
import type { JsonText } from '../../domain/lossless-json.ts';
import { answerNews, type Ignored, type NewsContext, type SourceEvent } from '../../domain/source-news.ts';
import { nudgeScheduler } from '../connectors/nudge-scheduler.ts';
import { webhookForbidden } from './find-secret.ts';

export interface Heard {
  status: 'nudged' | 'queued' | 'ignored';
  /** The run that was nudged. */
  runId: string | null;
  /** Why nothing was done. */
  reason: Ignored | null;
}

/**
 * Hears what a source tells of its own syncs: a run that waits for one looks at once; without such a run one is made due that takes up what
 * has ended. The same event again changes nothing. Throws ForbiddenError `webhook.forbidden` when the connector is gone by now.
 */
export async function hearSource(
  ctx: Ctx,
  { connectorId, event }: { connectorId: string; event: SourceEvent },
): Promise<Heard> {
  const heard = await ctx.database.db.transaction(async (tx): Promise<Heard> => {
    const connector = await lockConnector(tx, ctx.tenantId, connectorId);
    if (!connector) throw webhookForbidden();
    const run = await findUnfinishedRun(tx, ctx.tenantId, connectorId);
    const answer = answerNews(event, contextOf(connector, run));
    const key = { tenantId: ctx.tenantId, connectorId };
    const isOfLast = answer.do !== 'nothing' || answer.reason === 'taken_up';
    if (isOfLast && event.createdAt) await saveNudge(tx, key, event.createdAt);
    if (answer.do === 'nothing') return { status: 'ignored', runId: null, reason: answer.reason };
    if (answer.do === 'nudge') return { status: 'nudged', runId: run?.id ?? null, reason: null };
    await makeDueForNews(tx, { ...key, cause: causeOf(ctx) });
    await insertAuditEvent(tx, ctx, { action: 'connector.news', subject: connectorId });
    return { status: 'queued', runId: null, reason: null };
  });
  if (heard.status === 'queued') await nudgeScheduler(ctx);
  return heard;
}

function contextOf(connector: LockedConnector, run: RunRow | null): NewsContext {
  return {
    now: connector.clock,
    status: connector.status,
    stagingSchema: connector.stagingSchema,
    lastNudgeAt: connector.lastNudgeAt,
    takenUpTo: takenUpTo(run?.reportedState ?? connector.tapState),
    unfinished: run,
  };
}

const State = z.object({ fivetran: z.object({ succeeded_at: z.string() }) });

/** The end of the last sync a state includes. */
function takenUpTo(state: JsonText | null): Date | null {
  const parsed = State.safeParse(state === null ? null : JSON.parse(state));
  const at = new Date(parsed.data?.fivetran.succeeded_at ?? '');
  return Number.isNaN(at.getTime()) ? null : at;
}
