import { refuse } from '../verdict.ts';
import {
  type Found,
  inside,
  integerOf,
  listOf,
  literalTextOf,
  type PgFields,
  type PgValue,
  stringsOf,
} from './tree.ts';

const MAX_SERIES = 100_000;
const DAY = 86_400;
/** What now is taken for, in seconds: late, so that a series up to now is never thought shorter than it is. */
const NOW = Date.UTC(2100, 0) / 1_000;

const SECONDS: Record<string, number> = {
  ...{ second: 1, sec: 1, minute: 60, min: 60, hour: 3_600, day: DAY, week: 7 * DAY },
  ...{ month: 28 * DAY, mon: 28 * DAY, quarter: 90 * DAY, year: 365 * DAY },
};

/** Refuses generate_series where its length cannot be told from the text, and where all of them together make too many rows. */
export function assertShortSeries(found: readonly Found[]): void {
  const lengths = found
    .filter(({ type, fields }) => type === 'FuncCall' && nameOf(fields) === 'generate_series')
    .map(({ fields }) => seriesLength(fields));
  // a product that is not a number is too large as well
  if (!(lengths.reduce((product, length) => product * length, 1) <= MAX_SERIES)) refuseSeries();
}

function seriesLength(call: PgFields): number {
  const [from, to, step] = listOf(call['args']);
  const [start, end, by] = [integerOf(from), integerOf(to), step === undefined ? 1 : integerOf(step)];
  if (start !== undefined && end !== undefined && by) return Math.abs((end - start) / by) + 1;
  const [first, last, every] = [momentOf(from), momentOf(to), secondsOf(step)];
  if (first === undefined || last === undefined || !every) return refuseSeries();
  return Math.abs((last - first) / every) + 1;
}

function refuseSeries(): never {
  refuse(
    'guard.function_refused',
    `generate_series needs plain numbers, or dates and a step such as '1 day', and gives at most ${MAX_SERIES} values.`,
  );
}

const CLOCKS = new Set(['now', 'statement_timestamp', 'transaction_timestamp', 'clock_timestamp']);

/** In seconds, as far as a text tells: a date, now, or either cut off or moved by an interval. */
function momentOf(value: PgValue | undefined): number | undefined {
  if (inside(value, 'SQLValueFunction')) return NOW;
  const cast = inside(value, 'TypeCast');
  if (cast) return momentOf(cast['arg']);
  const call = inside(value, 'FuncCall');
  if (call) {
    if (CLOCKS.has(nameOf(call))) return NOW;
    return nameOf(call) === 'date_trunc' ? momentOf(listOf(call['args'])[1]) : undefined;
  }
  const sum = inside(value, 'A_Expr');
  return sum ? movedMoment(sum) : dateOf(literalTextOf(value));
}

function movedMoment(sum: PgFields): number | undefined {
  const [operator] = stringsOf(sum['name']);
  const moment = momentOf(sum['lexpr']);
  const days = integerOf(sum['rexpr']);
  const by = days === undefined ? secondsOf(sum['rexpr']) : days * DAY;
  if (moment === undefined || by === undefined || stringsOf(sum['name']).length !== 1) return undefined;
  if (operator === '+') return moment + by;
  return operator === '-' ? moment - by : undefined;
}

function dateOf(text: string | undefined): number | undefined {
  const match = /^\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2})?)?$/.exec(text ?? '');
  const moment = match ? Date.parse(match[0].replace(' ', 'T')) : Number.NaN;
  return Number.isNaN(moment) ? undefined : moment / 1_000;
}

/** Of '2 days', and of nothing but one number and one unit. */
function secondsOf(step: PgValue | undefined): number | undefined {
  const match = /^\s*(-?[1-9]\d{0,5})?\s*([a-z]+?)s?\s*$/i.exec(literalTextOf(step) ?? '');
  const unit = SECONDS[match?.[2]?.toLowerCase() ?? ''];
  return unit === undefined ? undefined : unit * Number(match?.[1] ?? 1);
}

function nameOf(call: PgFields): string {
  return stringsOf(call['funcname']).at(-1) ?? '';
}
