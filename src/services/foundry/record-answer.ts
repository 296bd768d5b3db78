import type { Ctx } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { endAnswer } from '../../db/queries/foundry-answers.ts';
import type { Search } from './find-answer.ts';
import type { Outcome } from './outcome.ts';

/** Says what became of a question, in its row and in the audit, every attempt that gave no answer included. Never a row, nor the question in the audit. */
export async function recordAnswer(
  ctx: Ctx,
  id: string,
  { kind, error, rowCount, truncated }: Outcome,
  { attempts }: Search,
  durationMs: number,
): Promise<void> {
  const last = attempts.at(-1)?.plan;
  const repairs = Math.max(0, attempts.filter(({ plan }) => plan.planner === 'model').length - 1);
  const errorCode = error?.code ?? null;
  await ctx.database.db.transaction(async (tx) => {
    for (const each of attempts) {
      if (each.kind === 'answered') continue;
      const { target, planner } = each.plan;
      const detail = { target, planner, code: each.code };
      await insertAuditEvent(tx, ctx, { action: `foundry.query_${each.kind}`, subject: id, detail });
    }
    const said = { outcome: kind, target: last?.target ?? null, planner: last?.planner ?? null };
    const detail = { ...said, code: errorCode, row_count: rowCount, repairs };
    await insertAuditEvent(tx, ctx, { action: 'foundry.ask', subject: id, detail });
    await endAnswer(tx, ctx.tenantId, id, {
      ...said,
      query: last?.query ?? null,
      explanation: last?.explanation ?? null,
      repairs,
      errorCode,
      rowCount,
      truncated,
      durationMs,
    });
  });
  const target = last?.target ?? 'none';
  const said = { answer_id: id, outcome: kind, target, planner: last?.planner, code: errorCode ?? undefined };
  const counts = { rows: rowCount, repairs, duration_ms: Math.round(durationMs) };
  ctx.log.info({ event: 'foundry.answered', ...said, ...counts }, 'question answered');
  ctx.metrics.foundryAnswered({ target, code: errorCode, seconds: durationMs / 1000 });
}
