import type { JsonValue } from '../values/json-value.ts';
import { type SpokenNumber, spokenNumbers } from './spoken-numbers.ts';

/** What a narrative may be about. */
export interface Answered {
  question: string;
  /** What ran. */
  query: string;
  columns: readonly string[];
  rows: readonly (readonly JsonValue[])[];
  truncated: boolean;
}

/** What may be said of an answer in numbers. */
export interface Facts {
  /** Sorted, without signs: "fell by 3.8" is true of -3.8. */
  amounts: Float64Array;
  rowCount: number;
  /** Texts of the answer with numbers in them, longest first: said as they are they need no proof. */
  texts: string[];
}

const MAX_TEXTS = 2_000;
const LONGEST_TEXT = 200;
const YEAR = /\b(?:19|20|21)\d\d\b/g;

export function factsOf({ question, query, columns, rows }: Answered): Facts {
  const amounts = new Set<number>([rows.length]);
  const texts = new Set<string>();
  const add = (value: number) => amounts.add(Math.abs(value));
  const addText = (text: string) => {
    for (const number of numbersIn(text)) add(number);
    for (const [, month = ''] of text.matchAll(/\b\d{4}-(\d\d)/g)) add(Math.ceil(Number(month) / 3));
    if (texts.size < MAX_TEXTS && text.length <= LONGEST_TEXT && spokenNumbers(text).length > 0)
      texts.add(text.toLowerCase());
  };
  const factors = columns.map(factorsOf);
  for (const row of rows) {
    row.forEach((value, at) => {
      for (const leaf of leavesOf(value)) {
        if (typeof leaf === 'string') addText(leaf);
        const number = typeof leaf === 'number' ? leaf : numberOf(leaf);
        if (number !== null) for (const factor of factors[at] ?? [1]) add(number * factor);
      }
    });
  }
  for (const name of columns) addText(name);
  for (const [year] of question.matchAll(YEAR)) add(Number(year));
  // a limit or a threshold that was asked for and taken into the query
  const inQuery = new Set(numbersIn(query));
  for (const number of numbersIn(question)) if (inQuery.has(number)) add(number);
  return {
    amounts: Float64Array.from(amounts).sort(),
    rowCount: rows.length,
    texts: [...texts].sort((a, b) => b.length - a.length),
  };
}

export function isProven(spoken: SpokenNumber, { amounts, rowCount }: Facts): boolean {
  return spoken.readings.some(({ value, tolerance }) => {
    if (spoken.isPlace && Number.isInteger(value))
      return (value >= 1 && value <= rowCount) || hasWithin(amounts, value, 0);
    if (hasWithin(amounts, value, tolerance)) return true;
    return spoken.isPercent && hasWithin(amounts, value / 100, tolerance / 100);
  });
}

/** "revenue_usd_millions" 85,200 may be told as 85.2 billion, a share of 0.142 as 14.2 (percent). */
function factorsOf(column: string): number[] {
  const words = column.toLowerCase().split(/[^a-z]+/);
  const has = (...any: string[]) => any.some((word) => words.includes(word));
  if (has('thousand', 'thousands', 'k')) return [1, 1e3];
  if (has('million', 'millions', 'mn', 'mm', 'mio', 'm')) return [1, 1e6];
  if (has('billion', 'billions', 'bn')) return [1, 1e9];
  if (has('cents', 'cent')) return [1, 0.01];
  return has('share', 'ratio', 'rate', 'fraction') ? [1, 100] : [1];
}

function hasWithin(sorted: Float64Array, value: number, tolerance: number): boolean {
  const slack = tolerance * (1 + 1e-9) + Math.abs(value) * 1e-12;
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value - slack) low = middle + 1;
    else high = middle;
  }
  const found = sorted[low];
  return found !== undefined && found <= value + slack;
}

function* leavesOf(value: JsonValue): Generator<JsonValue> {
  if (typeof value !== 'object' || value === null) yield value;
  else for (const each of Object.values(value)) yield* leavesOf(each);
}

function numberOf(value: JsonValue): number | null {
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

function numbersIn(text: string): number[] {
  return (text.match(/\d+(?:,\d{3})+(?!\d)|\d+(?:\.\d+)?/g) ?? []).map((digits) =>
    Number(digits.replaceAll(',', '')),
  );
}
