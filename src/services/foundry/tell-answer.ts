import type { Ctx } from '../../context.ts';
import { AppError } from '../../errors.ts';
import { checkedNarrative } from '../../foundry/narrative/check.ts';
import type { Answered } from '../../foundry/narrative/facts.ts';
import { narrativePrompt } from '../../foundry/narrative/narrative-question.ts';
import { plainNarrative } from '../../foundry/narrative/plain-narrative.ts';
import { askInTurn } from './ask-in-turn.ts';

/** An answer does not wait longer for its words. */
const NARRATIVE_MS = 20_000;
const WAIT_MS = 5_000;

export interface Telling extends Answered {
  /** Subject of the model's call. */
  id: string;
  explanation: string;
  /** The model is known to be of no help now. */
  withoutModel: boolean;
}

/** One to three sentences about an answer: the model's where they hold against it, else those made of it. Throws an aborted signal's reason. */
export async function tellAnswer(ctx: Ctx, telling: Telling, signal: AbortSignal): Promise<string> {
  const isWorthIt = ctx.llm !== null && !telling.withoutModel && telling.rows.length > 0;
  const told = isWorthIt ? await modelNarrative(ctx, telling, signal) : null;
  return told ?? plainNarrative(telling);
}

async function modelNarrative(ctx: Ctx, telling: Telling, signal: AbortSignal): Promise<string | null> {
  const timeoutMs = Math.min(NARRATIVE_MS, ctx.settings.llm.timeoutMs);
  const question = { purpose: 'narrative', subject: telling.id, ...narrativePrompt(telling), timeoutMs };
  try {
    const { value } = await askInTurn(ctx, question, { waitMs: WAIT_MS, signal });
    return checkedNarrative(value.narrative, telling);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    return null;
  }
}
