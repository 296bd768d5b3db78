import type { Planned } from '../../domain/foundry/plan.ts';
import type { Llm } from '../../ports/llm.ts';
import { type ModelPlanInput, plannedBy, planPrompt } from './plan-question.ts';

/** Plans a question; null: the model's answer was of no use. */
export type ModelPlanner = (input: ModelPlanInput, signal: AbortSignal) => Promise<Planned | null>;

/** A model as a planner by itself, beside any tenant's limits, records and kept answers: to measure it (eval:foundry). Throws what the model's port throws. */
export function createModelPlanner(llm: Llm): ModelPlanner {
  return async (input, signal) => {
    const { answer, ...asked } = planPrompt(input);
    const request = { purpose: 'plan', tenantId: 'eval', ...asked };
    const parsed = answer.safeParse((await llm.complete(request, signal)).value);
    return parsed.success ? plannedBy(parsed.data) : null;
  };
}
