import type { Ctx } from '../../context.ts';
import type { Planned } from '../../domain/foundry/plan.ts';
import { AppError } from '../../errors.ts';
import { type ModelPlanInput, plannedBy, planPrompt } from '../../foundry/model-planner/plan-question.ts';
import { askInTurn } from './ask-in-turn.ts';

/** Of a plan; a repair may take as long. */
const PLAN_MS = 40_000;
/** For a place among the tenant's questions to the model. */
const WAIT_MS = 15_000;

export type ModelWord = { planned: Planned } | { planned: null; why: string };

/** The model's plan, or why there is none: it is down, over its budget, or said nothing of use. Throws an aborted signal's reason. */
export async function modelPlan(
  ctx: Ctx,
  subject: string,
  input: ModelPlanInput,
  signal: AbortSignal,
): Promise<ModelWord> {
  const timeoutMs = Math.min(PLAN_MS, ctx.settings.llm.timeoutMs);
  try {
    const question = { purpose: 'plan', subject, ...planPrompt(input), timeoutMs };
    const { value } = await ctx.tracing.span('foundry.plan', {}, () =>
      askInTurn(ctx, question, { waitMs: WAIT_MS, signal }),
    );
    const planned = plannedBy(value);
    return planned ? { planned } : { planned, why: 'Its answer was of no use.' };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    return { planned: null, why: error.message };
  }
}
