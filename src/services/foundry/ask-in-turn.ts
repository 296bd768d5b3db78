import { setTimeout as pause } from 'node:timers/promises';
import type { Ctx } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { type Answered, ask } from '../llm/ask.ts';
import type { Question } from '../llm/question.ts';

const AGAIN_MS = 250;

/** Asks a model; while the tenant's other questions have all its places, waits for one, at most so long. Throws what ask throws. */
export async function askInTurn<Answer>(
  ctx: Ctx,
  question: Question<Answer>,
  { waitMs, signal }: { waitMs: number; signal: AbortSignal },
): Promise<Answered<Answer>> {
  for (const until = performance.now() + waitMs; ; ) {
    try {
      return await ask(ctx, question, signal);
    } catch (error) {
      const isBusy = error instanceof AppError && error.code === 'llm.tenant_busy';
      if (!isBusy || performance.now() > until) throw error;
    }
    await pause(AGAIN_MS, undefined, { signal });
  }
}
