import { type Branch, isBranch, under } from '../branch.ts';
import { refuse } from '../verdict.ts';
import { expression, wholeNumber } from './tree.ts';

const MAX_REPEATS = 1_000;
const MAX_SERIES = 10_000;
const MAX_DIGITS = 100;

/** Which argument says how much memory an answer takes, and the most it may be. */
const SIZED: Record<string, { argument: number; most: number }> = {
  repeat: { argument: 1, most: MAX_REPEATS },
  space: { argument: 0, most: MAX_REPEATS },
  lpad: { argument: 1, most: MAX_REPEATS },
  rpad: { argument: 1, most: MAX_REPEATS },
  array_repeat: { argument: 1, most: MAX_REPEATS },
  array_insert: { argument: 1, most: MAX_REPEATS },
  stack: { argument: 0, most: MAX_DIGITS },
};
const ROUNDED = new Set(['round', 'bround', 'ceil', 'floor', 'ceiling', 'format_number']);

/** Refuses calls whose answer could be as large as their arguments say, unless these are small and written out. */
export function assertSmall(name: string, args: readonly unknown[]): void {
  const sized = SIZED[name];
  if (sized) assertAtMost(name, args[sized.argument], sized.most);
  if (ROUNDED.has(name) && args.length > 1 && !isText(args[1])) assertAtMost(name, args[1], MAX_DIGITS);
  if (name === 'range') assertSeries(name, args);
  if (name === 'sequence') assertSequence(args);
  if (name === 'format_string' || name === 'printf') assertFormat(name, args[0]);
}

/** Whether a call's answer is as large as its arguments say. */
export function isSized(name: string): boolean {
  return Object.hasOwn(SIZED, name) || name === 'sequence';
}

function assertAtMost(name: string, argument: unknown, most: number): void {
  const size = wholeNumber(argument);
  if (size === null || Math.abs(size) > most)
    refuse('guard.construct_refused', `${name} takes a number of at most ${most} here, written out.`);
}

function assertSeries(name: string, args: readonly unknown[]): void {
  const bounds = args.map(wholeNumber);
  const [first = null, second = null, step = 1] = bounds;
  const [start, end] = args.length === 1 ? [0, first] : [first, second];
  const isBounded =
    start !== null &&
    end !== null &&
    step !== null &&
    step !== 0 &&
    Math.abs((end - start) / step) <= MAX_SERIES;
  if (!isBounded || args.length > 3)
    refuse('guard.construct_refused', `${name} takes numbers, written out, of at most ${MAX_SERIES} steps.`);
}

/** Numbers, or dates by whole days: from the first year to the last that is under four million. */
function assertSequence(args: readonly unknown[]): void {
  const step = expression(args[2]);
  if (step?.kind !== 'interval') {
    assertSeries('sequence', args);
    return;
  }
  const { unit } = under(step.content, 'unit');
  const count = expression(step.content['this'])?.content['value'];
  const isCoarse = typeof unit === 'string' && /^(year|quarter|month|week|day)s?$/i.test(unit);
  const isForward = typeof count === 'string' && /^-?[1-9]\d{0,5}$/.test(count);
  if (!isCoarse || !isForward || hasColumn(args[0]) || hasColumn(args[1]))
    refuse(
      'guard.construct_refused',
      'A sequence of dates goes by days or longer steps, between dates that are no columns.',
    );
}

function hasColumn(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasColumn);
  if (!isBranch(value)) return false;
  return Object.entries(value).some(
    ([key, held]) => ['column', 'select', 'union', 'star'].includes(key) || hasColumn(held),
  );
}

function assertFormat(name: string, argument: unknown): void {
  const text = textOf(argument);
  if (text === null || /\d{3,}/.test(text))
    refuse('guard.construct_refused', `${name} takes a pattern written out, of widths up to 99.`);
}

function isText(argument: unknown): boolean {
  return textOf(argument) !== null;
}

function textOf(argument: unknown): string | null {
  const node: { kind: string; content: Branch } | null = expression(argument);
  if (node?.kind !== 'literal' || node.content['literal_type'] !== 'string') return null;
  const { value } = node.content;
  return typeof value === 'string' ? value : null;
}
