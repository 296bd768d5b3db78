import type { Deps } from '../../context.ts';
import { UnavailableError } from '../../errors.ts';
import { type Check, NO_WARNINGS } from './check.ts';

/** It stands in line behind the pieces of loads under way, which takes as long as it takes. */
const ENGINE = { everyMs: 4_000, limitMs: 120_000 };

/** Whether the sandbox evaluates. */
export function expressionCheck({ expressions }: Deps): Check {
  return {
    name: 'expressions',
    required: true,
    ...ENGINE,
    async ask() {
      const [result] = await expressions.evaluate('v + 1', [1]);
      if (result?.ok) return NO_WARNINGS;
      throw new UnavailableError('expression.engine_failed', 'The expression engine does not evaluate.');
    },
  };
}

/** Shown, never required: while the model is left alone the built-in matcher answers. */
export function modelCheck({ llm }: Deps): Check[] {
  if (llm === null) return [];
  return [
    {
      name: 'model',
      required: false,
      async ask() {
        const code = llm.brokenBy?.() ?? null;
        if (code !== null) throw new UnavailableError(code, 'The model is left alone for a while.');
        return NO_WARNINGS;
      },
    },
  ];
}

/** What an operator should know of how taps run here. */
export function sandboxCheck({ runners }: Deps): Check {
  const isWithout = () => Object.values(runners).some((runner) => runner.caution?.());
  return {
    name: 'sandbox',
    required: false,
    ask: async () => (isWithout() ? ['sandbox.off'] : NO_WARNINGS),
  };
}
