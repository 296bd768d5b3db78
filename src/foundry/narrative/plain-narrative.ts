import type { JsonValue } from '../values/json-value.ts';
import { plainText } from './plain-text.ts';
import { amountOf, columnWords, isNaming, toldValue } from './told-values.ts';

export interface Told {
  columns: readonly string[];
  rows: readonly (readonly JsonValue[])[];
  truncated: boolean;
}

const MAX_CHARACTERS = 700;
const MANY_ROWS = 3;
const TIME = /^\d{4}(?:-\d\d(?:-\d\d(?:[T ][\d:.]+(?:Z|[+-][\d:]+)?)?)?)?$/;

/** One to three sentences that say what an answer says, made of its own values. The same answer always gets the same ones. */
export function plainNarrative(told: Told): string {
  return plainText(sentences(told).join(' '), MAX_CHARACTERS);
}

function sentences(told: Told): string[] {
  const { columns, rows, truncated } = told;
  const [only, second] = rows;
  if (only === undefined) return ['Nothing matches: the query found no rows.'];
  const cut = truncated ? [`Only the first ${rows.length.toLocaleString('en-US')} rows are shown.`] : [];
  if (second === undefined) return [oneRow(columns, only), ...cut];
  const shape = shapeOf(told);
  if (shape === null) return [...listOf(told), ...cut];
  return [...(isTime(told, shape.label) ? course(told, shape) : ranking(told, shape)), ...cut];
}

/** "The count is 10,000." "The segment is Services and the revenue is 85,200." */
function oneRow(columns: readonly string[], row: readonly JsonValue[]): string {
  const parts = row
    .slice(0, 6)
    .map((value, at) => `the ${columnWords(columns[at] ?? '')} is ${toldValue(value, columns[at] ?? '')}`);
  const more = row.length - parts.length;
  return capital(`${listed(parts)}${more > 0 ? `, with ${more} more columns` : ''}.`);
}

interface Shape {
  label: number;
  amount: number;
}

/** The first column that names the rows, and the one that measures them: that by which they are sorted, else the first that is not the same everywhere. */
function shapeOf(told: Told): Shape | null {
  const { columns, rows } = told;
  const indexes = columns.map((_, at) => at);
  const named = indexes.find(
    (at) => isTime(told, at) || rows.every((row) => amountOf(row[at] ?? null) === null),
  );
  // a number and how often it is there
  const label = named ?? (columns.length === 2 ? 0 : undefined);
  const measures = indexes.filter((at) => at !== label && isMeasure(told, at));
  const varied = measures.filter((at) => new Set(amountsOf(told, at)).size > 1);
  const amount = varied.find((at) => isSorted(amountsOf(told, at))) ?? varied[0] ?? measures[0];
  return label === undefined || amount === undefined ? null : { label, amount };
}

function isMeasure(told: Told, at: number): boolean {
  const values = told.rows.map((row) => row[at] ?? null).filter((value) => value !== null);
  return (
    !isTime(told, at) &&
    !isNaming(told.columns[at] ?? '') &&
    values.length > 0 &&
    values.every((value) => amountOf(value) !== null)
  );
}

function isTime({ columns, rows }: Told, at: number): boolean {
  const isYear = /year/i.test(columns[at] ?? '');
  return rows.every((row) => {
    const value = row[at] ?? null;
    if (typeof value === 'number') return isYear && value >= 1000 && value <= 9999;
    return value === null || (typeof value === 'string' && TIME.test(value));
  });
}

/** "Services has the highest yoy growth with 14.2, followed by Mac with 7.1 and Wearables with 3.8." */
function ranking(told: Told, shape: Shape): string[] {
  const { columns, rows } = told;
  const amounts = amountsOf(told, shape.amount);
  const what = columnWords(columns[shape.amount] ?? '');
  const pair = (at: number) => `${labelOf(told, shape, at)} with ${measureOf(told, shape, at)}`;
  const falls = isFalling(amounts);
  if (falls || isRising(amounts)) {
    const followers = rows.slice(1, MANY_ROWS).map((_, at) => pair(at + 1));
    const first = `${labelOf(told, shape, 0)} has the ${falls ? 'highest' : 'lowest'} ${what} with ${measureOf(told, shape, 0)}`;
    const end =
      rows.length > MANY_ROWS ? [`The last of the ${rows.length} is ${pair(rows.length - 1)}.`] : [];
    return [capital(`${first}, followed by ${listed(followers)}.`), ...end];
  }
  const { highest, lowest } = extremes(amounts);
  return [
    `There are ${rows.length} rows.`,
    `The highest ${what} is ${measureOf(told, shape, highest)} (${labelOf(told, shape, highest)}), the lowest ${measureOf(told, shape, lowest)} (${labelOf(told, shape, lowest)}).`,
  ];
}

/** "From 2024-01-01 to 2024-03-01 (3 rows) the count goes from 5 to 7. The highest is 9 (2024-02-01), ..." */
function course(told: Told, shape: Shape): string[] {
  const { columns, rows } = told;
  const amounts = amountsOf(told, shape.amount);
  const times = rows.map((row) => String(row[shape.label] ?? ''));
  const order = times.map((_, at) => at).sort((a, b) => ((times[a] ?? '') < (times[b] ?? '') ? -1 : 1));
  const [from = 0, to = 0] = [order.at(0), order.at(-1)];
  const what = columnWords(columns[shape.amount] ?? '');
  const { highest, lowest } = extremes(amounts);
  const first = `From ${labelOf(told, shape, from)} to ${labelOf(told, shape, to)} (${rows.length} rows) the ${what} goes from ${measureOf(told, shape, from)} to ${measureOf(told, shape, to)}.`;
  const second = `The highest is ${measureOf(told, shape, highest)} (${labelOf(told, shape, highest)}), the lowest ${measureOf(told, shape, lowest)} (${labelOf(told, shape, lowest)}).`;
  return [first, second];
}

function listOf({ columns, rows }: Told): string[] {
  const count = `There are ${rows.length.toLocaleString('en-US')} rows.`;
  if (columns.length === 1) {
    const shown = rows.slice(0, 5).map((row) => toldValue(row[0] ?? null, columns[0] ?? ''));
    const rest = rows.length > shown.length ? 'The first are' : 'They are';
    return [count, `${rest} ${listed(shown)}.`];
  }
  const first = oneRow(columns, rows[0] ?? []);
  return [count, `In the first, ${first.charAt(0).toLowerCase()}${first.slice(1)}`];
}

/** "month 7" where the value alone would say nothing. */
function labelOf(told: Told, { label }: Shape, at: number): string {
  const column = told.columns[label] ?? '';
  const value = told.rows[at]?.[label] ?? null;
  const isBare = value === null || typeof value === 'string' || isTime(told, label);
  return isBare ? toldValue(value, column) : `${columnWords(column)} ${toldValue(value, column)}`;
}

function measureOf({ columns, rows }: Told, { amount }: Shape, at: number): string {
  return toldValue(rows[at]?.[amount] ?? null, columns[amount] ?? '');
}

function amountsOf({ rows }: Told, at: number): number[] {
  return rows.map((row) => amountOf(row[at] ?? null) ?? Number.NaN);
}

function isSorted(amounts: readonly number[]): boolean {
  return isFalling(amounts) || isRising(amounts);
}

function isFalling(amounts: readonly number[]): boolean {
  return amounts.every((amount, at) => at === 0 || (amounts[at - 1] ?? Number.NaN) >= amount);
}

function isRising(amounts: readonly number[]): boolean {
  return amounts.every((amount, at) => at === 0 || (amounts[at - 1] ?? Number.NaN) <= amount);
}

function extremes(amounts: readonly number[]): { highest: number; lowest: number } {
  let [highest, lowest] = [-1, -1];
  amounts.forEach((amount, at) => {
    if (Number.isNaN(amount)) return;
    if (highest < 0 || amount > (amounts[highest] ?? 0)) highest = at;
    if (lowest < 0 || amount < (amounts[lowest] ?? 0)) lowest = at;
  });
  return { highest: Math.max(highest, 0), lowest: Math.max(lowest, 0) };
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
