import { refuse } from '../verdict.ts';
import { type Found, inside, integerOf, listOf, literalTextOf, type PgFields, stringsOf } from './tree.ts';

const MAX_SERIES = 100_000;
/** By how much all functions of one query that make texts longer may do so together. */
const MAX_GROWTH = 10_000;
/** What a text of a column counts as where it replaces another. */
const UNKNOWN_TEXT = 100;
const MAX_FORMAT_WIDTH = 3;
const MAX_RELATIONS = 40;

const SECONDS: Record<string, number> = {
  ...{ second: 1, sec: 1, minute: 60, min: 60, hour: 3_600, day: 86_400, week: 604_800 },
  ...{ month: 28 * 86_400, mon: 28 * 86_400, quarter: 90 * 86_400, year: 365 * 86_400 },
};

/** Refuses what a few characters could blow up to more than any server holds. Time itself is capped by the engine. */
export function assertBounded(found: readonly Found[]): void {
  let growth = 1;
  let series = 1;
  for (const { type, fields } of found) {
    if (type !== 'FuncCall') continue;
    const name = stringsOf(fields['funcname']).at(-1);
    growth *= growthOf(name, fields);
    if (name === 'generate_series') series *= seriesLength(fields);
    if (name === 'format') assertNarrow(fields);
  }
  if (growth > MAX_GROWTH)
    refuse('guard.function_refused', 'Functions that make texts longer are used too often, or too far.');
  if (!(series <= MAX_SERIES)) refuseSeries();
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

function seriesLength(call: PgFields): number {
  const [from, to, step] = listOf(call['args']);
  const whole = [integerOf(from), integerOf(to), step === undefined ? 1 : integerOf(step)];
  const [start, end, by] = whole;
  if (start !== undefined && end !== undefined && by) return Math.abs((end - start) / by) + 1;
  const [first, last, every] = [momentOf(from), momentOf(to), secondsOf(literalTextOf(step))];
  if (first === undefined || last === undefined || every === undefined) return refuseSeries();
  return Math.abs((last - first) / 1_000 / every) + 1;
}

function refuseSeries(): never {
  refuse(
    'guard.function_refused',
    `generate_series needs plain numbers, or dates and a step such as '1 day', and gives at most ${MAX_SERIES} values.`,
  );
}

function momentOf(value: Parameters<typeof literalTextOf>[0]): number | undefined {
  if (inside(value, 'SQLValueFunction')) return undefined;
  const text = literalTextOf(value);
  const match = text === undefined ? null : /^\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2})?)?$/.exec(text);
  const moment = match ? Date.parse(`${match[0].replace(' ', 'T')}`) : Number.NaN;
  return Number.isNaN(moment) ? undefined : moment;
}

function secondsOf(step: string | undefined): number | undefined {
  const match = /^\s*([1-9]\d{0,5})?\s*([a-z]+?)s?\s*$/i.exec(step ?? '');
  const unit = SECONDS[match?.[2]?.toLowerCase() ?? ''];
  return unit === undefined ? undefined : unit * Number(match?.[1] ?? 1);
}
