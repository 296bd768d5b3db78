import { readFileSync } from 'node:fs';

export interface EvalQuestion {
  split: 'dev' | 'held-out' | 'other-tables';
  category: string;
  /** What the user asked before, oldest first. */
  context: string[];
  question: string;
  /** Queries whose answers are right; none: there is no answer. */
  gold: string[];
  /** What is right beside an answer. */
  accepts: 'refuse' | 'clarify' | null;
}

/**
 * Reads test/fixtures/foundry/eval/<split>.txt: `## category`, then for each question `C:` earlier questions, `Q:` the question, `G:` a right query
 * (any number), `X: refuse` or `X: clarify`.
 */
export function readEvalQuestions(split: EvalQuestion['split']): EvalQuestion[] {
  const path = new URL(`../../fixtures/foundry/eval/${split}.txt`, import.meta.url);
  const questions: EvalQuestion[] = [];
  let category = '';
  let context: string[] = [];
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [, mark = '', rest = ''] = /^(##|[CQGX]:) (.*)$/.exec(line) ?? [];
    const last = questions.at(-1);
    if (mark === '##') category = rest;
    if (mark === 'C:') context.push(rest);
    if (mark === 'Q:') {
      questions.push({ split, category, context, question: rest, gold: [], accepts: null });
      context = [];
    }
    if (mark === 'G:') last?.gold.push(rest);
    if (mark === 'X:' && last) last.accepts = rest === 'clarify' ? 'clarify' : 'refuse';
  }
  return questions;
}
