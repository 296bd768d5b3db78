import { refuse } from '../verdict.ts';
import type { Spent } from './reading.ts';
import { tokensOf } from './tokens.ts';

const MAX_SERIES = 100_000;
const WHOLE = /^-?\d{1,9}$/;
/** As long as a list that is there already. */
const AS_LONG_AS = /^(?:size|length)\([^()]*(?:\([^()]*\))?\)(?: [-+] \d{1,3})?$/i;

/** Refuses range() where it could make more values than a query should: all of them together count. */
export function assertRange(values: readonly string[], spent: Spent): void {
  const [from = '', to = '', step = '1'] = values;
  if (!WHOLE.test(from) || !WHOLE.test(step) || Number(step) === 0 || values.length > 3) refuseRange();
  if (AS_LONG_AS.test(to)) return;
  if (!WHOLE.test(to)) refuseRange();
  spent.series *= Math.max(1, Math.abs((Number(to) - Number(from)) / Number(step)) + 1);
  if (spent.series > MAX_SERIES) refuseRange();
}

function refuseRange(): never {
  refuse(
    'guard.function_refused',
    `range needs plain whole numbers, or size(...) as its end, and all ranges together give at most ${MAX_SERIES} values.`,
  );
}

/** What is gathered may be used once a step: twice, and it doubles with each. */
export function assertReduction(total: string, step: string): void {
  const uses = tokensOf(step).filter(
    ({ kind, text }) => (kind === 'name' || kind === 'quoted') && text === total,
  );
  if (uses.length > 1)
    refuse('guard.construct_refused', 'reduce may use what it gathers once a step: say it more simply.');
}
