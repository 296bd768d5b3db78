import type { TransformExample } from '../../domain/mapping.ts';
import { clipped, shownValue } from './show-value.ts';
import type { TriedValue } from './tried-value.ts';

const MOST = 3;

/** Up to three distinct values and what becomes of them: those that change first; if some are rejected, one of these. */
export function pickExamples(values: readonly TriedValue[]): TransformExample[] {
  const examples = new Map<string, TransformExample>();
  for (const { input, outcome } of values) {
    if (input === null || input.trim() === '' || examples.has(input)) continue;
    examples.set(input, exampleOf(input, outcome));
  }
  const all = [...examples.values()];
  const rejected = all.filter(({ error }) => error !== undefined);
  const taken = all.filter(({ error }) => error === undefined);
  const changed = taken.filter(({ input, output }) => input !== output);
  const same = taken.filter(({ input, output }) => input === output);
  const shown = [...changed, ...same].slice(0, rejected.length > 0 ? MOST - 1 : MOST);
  return [...shown, ...rejected].slice(0, MOST);
}

function exampleOf(input: string, outcome: TriedValue['outcome']): TransformExample {
  if ('error' in outcome) return { input: clipped(input), output: null, error: clipped(outcome.error) };
  const output = shownValue(outcome.value);
  return { input: clipped(input), output: output === null ? null : clipped(output) };
}
