import { refuse } from '../verdict.ts';
import { assertShortSeries } from './series.ts';
import { type Found, integerOf, listOf, literalTextOf, type PgFields, stringsOf } from './tree.ts';

/** By how much all functions of one query that make texts longer may do so together. */
const MAX_GROWTH = 10_000;
/** What a text of a column counts as where it replaces another. */
const UNKNOWN_TEXT = 100;
const MAX_FORMAT_WIDTH = 3;
const MAX_RELATIONS = 40;

/** Refuses what a few characters could blow up to more than any server holds. Time itself is capped by the engine. */
export function assertBounded(found: readonly Found[]): void {
  let growth = 1;
  for (const { type, fields } of found) {
    if (type !== 'FuncCall') continue;
    const name = stringsOf(fields['funcname']).at(-1);
    growth *= growthOf(name, fields);
    if (name === 'format') assertNarrow(fields);
  }
  if (growth > MAX_GROWTH)
    refuse('guard.function_refused', 'Functions that make texts longer are used too often, or too far.');
  assertShortSeries(found);
  if (found.filter(({ type }) => type === 'RangeVar').length > MAX_RELATIONS)
    refuse('guard.too_deep', `The query reads more than ${MAX_RELATIONS} tables.`);
}

function growthOf(name: string | undefined, call: PgFields): number {
  const args = listOf(call['args']);
  switch (name) {
    case 'repeat':
    case 'lpad':
    case 'rpad': {
      const times = integerOf(args[1]);
      if (times === undefined)
        refuse('guard.function_refused', `${name} needs its length as a plain whole number.`);
      return Math.max(1, times);
    }
    case 'replace':
    case 'regexp_replace': {
      const from = name === 'replace' ? (literalTextOf(args[1])?.length ?? 1) : 1;
      const to = literalTextOf(args[2])?.length ?? UNKNOWN_TEXT;
      return Math.max(1, to / Math.max(1, from));
    }
    default:
      return 1;
  }
}

function assertNarrow(call: PgFields): void {
  const pattern = literalTextOf(listOf(call['args'])[0]);
  const digits = pattern?.match(/\d+/g) ?? [];
  if (
    pattern === undefined ||
    /%[^%a-z]*\*/i.test(pattern) ||
    digits.some((d) => d.length > MAX_FORMAT_WIDTH)
  )
    refuse('guard.function_refused', 'format needs a plain text as its pattern, without a large width.');
}
