import type { Ctx } from '../../context.ts';
import type { Planned } from '../../domain/foundry/plan.ts';
import { AppError } from '../../errors.ts';
import { type ModelPlanInput, plannedBy, planPrompt } from '../../foundry/model-planner/plan-question.ts';
import { ask } from '../llm/ask.ts';

/** Of a plan; a repair may take as long. */
const PLAN_MS = 40_000;

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
    const { value } = await ask(ctx, { purpose: 'plan', subject, ...planPrompt(input), timeoutMs }, signal);
    const planned = plannedBy(value);
    return planned ? { planned } : { planned, why: 'Its answer was of no use.' };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    return { planned: null, why: error.message };
  }
}
