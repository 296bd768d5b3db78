import { createContext, Script } from 'node:vm';

export type PatternTest = (text: string) => boolean | 'too slow';

const TIMEOUT_MS = 50;
/** Texts that may take all of the time before the pattern is given up: from then on it refuses what it would have to try. */
const MOST_TIMEOUTS = 20;
/** A short text takes no time under a pattern without nested or many repetitions. */
const SHORT = 1000;
const MOST_REPETITIONS = 2;

/**
 * A pattern of a schema, in JavaScript's spelling or else in Python's, which many taps are written in. One whose repetitions may
 * multiply is run under a time limit. Throws SyntaxError for what is no pattern.
 */
export function patternTest(pattern: string): PatternTest {
  const expression = expressionOf(pattern);
  let guarded: PatternTest | null = null;
  const isTame = repetitionsIn(pattern) <= MOST_REPETITIONS && !hasRepeatedGroup(pattern);
  return (text) => {
    if (isTame && text.length <= SHORT) return expression.test(text);
    // made when it is needed: its context takes a millisecond and memory
    guarded ??= guardedTest(expression);
    return guarded(text);
  };
}

function guardedTest(expression: RegExp): PatternTest {
  const scope = createContext({ expression, text: '' });
  const script = new Script('expression.test(text)');
  let timeouts = 0;
  return (text) => {
    if (timeouts >= MOST_TIMEOUTS) return 'too slow';
    scope['text'] = text;
    for (const startedAt = process.threadCpuUsage(); ; ) {
      try {
        return script.runInContext(scope, { timeout: TIMEOUT_MS }) === true;
      } catch {
        const { user, system } = process.threadCpuUsage(startedAt);
        // a thread that had to wait for a processor has not tried yet
        if ((user + system) / 1000 < TIMEOUT_MS) continue;
        timeouts += 1;
        return 'too slow';
      }
    }
  };
}

function repetitionsIn(pattern: string): number {
  return pattern.match(/(?<!\\)(?:[*+]|\{\d+,\d*\})/g)?.length ?? 0;
}

function hasRepeatedGroup(pattern: string): boolean {
  return /\)[*+{]/.test(pattern) || /\\[1-9]/.test(pattern);
}

function expressionOf(pattern: string): RegExp {
  const flags = /^\(\?([ims]+)\)/.exec(pattern)?.[1] ?? '';
  const python = pattern
    .replace(/^\(\?[ims]+\)/, '')
    .replaceAll('(?P<', '(?<')
    .replaceAll(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replaceAll('\\A', '^')
    .replaceAll('\\Z', '$');
  for (const [source, how] of [
    [pattern, 'u'],
    [pattern, ''],
    [python, flags],
  ] as const) {
    try {
      return new RegExp(source, how);
    } catch {}
  }
  throw new SyntaxError(`no pattern: ${pattern.slice(0, 100)}`);
}
