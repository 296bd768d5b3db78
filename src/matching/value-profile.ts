import { bagOf, trigrams } from './sparse.ts';

export const VALUE_KINDS = ['boolean', 'integer', 'number', 'date', 'datetime', 'text', 'nested'] as const;
export type ValueKind = (typeof VALUE_KINDS)[number];

/** What sample values say about a field. */
export interface ValueProfile {
  /** Non-null samples seen; 0 says nothing is known. */
  count: number;
  kind: ValueKind | null;
  /** Distinct values in one spelling. */
  distinct: ReadonlySet<string>;
  /** Parts of values, letters and shapes, to compare by how much is shared. */
  features: ReadonlyMap<string, number>;
  /** Sorted; only of numeric fields. */
  numbers: readonly number[];
  /** Whether most values hold a digit. */
  hasDigits: boolean;
  /** Mean count of digits after the point; only of numeric fields. */
  decimals: number;
}

const MOST_SAMPLES = 400;
const DATE = /^\d{4}-\d{1,2}-\d{1,2}$|^\d{1,2}[/.]\d{1,2}[/.]\d{2,4}$/;
const DATETIME = /^\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{2}|^\d{1,2}[/.]\d{1,2}[/.]\d{2,4},? \d{1,2}:\d{2}/;
const BOOLEAN = new Set(['true', 'false', 'yes', 'no', 'y', 'n', 't', 'f']);
/** What people write when there is no value. */
const NOTHING = new Set(['', 'null', 'none', 'nan', 'n/a', 'na', 'nil', '-', '--', 'undefined']);

export function profileValues(samples: readonly unknown[] = []): ValueProfile {
  const texts = samples
    .slice(0, MOST_SAMPLES)
    .map(textOf)
    .filter((text) => !NOTHING.has(text.toLowerCase()));
  const distinct = new Set(texts.map(normalizedValue));
  const kind = texts.length === 0 ? null : kindOf(texts);
  const isNumeric = kind === 'integer' || kind === 'number';
  return {
    count: texts.length,
    kind,
    distinct,
    features: isNumeric ? bagOf(texts.map(shapeOf)) : featuresOf(texts, distinct),
    numbers: isNumeric
      ? texts
          .map(toNumber)
          .filter(Number.isFinite)
          .sort((a, b) => a - b)
      : [],
    hasDigits: texts.filter((text) => /\d/.test(text)).length * 2 > texts.length,
    decimals: isNumeric ? mean(texts.map(decimalsOf)) : 0,
  };
}

/** A sample as text: nested values as JSON, null as nothing. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return (typeof value === 'object' ? JSON.stringify(value) : String(value)).trim().slice(0, 300);
}

/** "1,234.50" and "$12" as numbers; NaN for anything else. */
export function toNumber(text: string): number {
  const plain = text
    .replace(/^[$€£]\s?/, '')
    .replace(/\s?%$/, '')
    .replace(/(\d),(?=\d{3}\b)/g, '$1');
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(plain) ? Number(plain) : Number.NaN;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0) / (numbers.length || 1);
}

function decimalsOf(text: string): number {
  return /\.(\d+)/.exec(text)?.[1]?.length ?? 0;
}

function normalizedValue(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}.+-]+/gu, ' ')
    .trim();
}

function kindOf(texts: readonly string[]): ValueKind {
  const share = (test: (text: string) => boolean) => texts.filter(test).length / texts.length;
  if (share((text) => BOOLEAN.has(text.toLowerCase())) > 0.9) return 'boolean';
  if (share((text) => DATETIME.test(text)) > 0.8) return 'datetime';
  if (share((text) => DATE.test(text) || DATETIME.test(text)) > 0.8) return 'date';
  // Digits with a leading zero are a code: nobody counts or measures so.
  if (texts.some((text) => /^0\d+$/.test(text))) return 'text';
  if (share((text) => /^[+-]?\d+$/.test(text)) > 0.9) return 'integer';
  if (share((text) => !Number.isNaN(toNumber(text))) > 0.9) return 'number';
  return share((text) => /^[[{]/.test(text)) > 0.8 ? 'nested' : 'text';
}

function featuresOf(texts: readonly string[], distinct: ReadonlySet<string>): Map<string, number> {
  const features = new Map<string, number>();
  function add(feature: string, weight: number) {
    features.set(feature, (features.get(feature) ?? 0) + weight);
  }
  for (const value of distinct) {
    add(`=${value}`, 2);
    for (const word of new Set(value.split(' '))) add(`w:${word}`, 1);
    for (const gram of new Set(trigrams(value.slice(0, 60)))) add(`3:${gram}`, 0.25);
  }
  for (const [shape, count] of bagOf(texts.map(shapeOf)))
    add(`s:${shape}`, (2 * distinct.size * count) / texts.length);
  return new Map([...features].map(([feature, weight]) => [feature, Math.log1p(weight)]));
}

/** "AB-1234" -> "A-9": the run lengths are dropped, so that ids of one system look alike. */
function shapeOf(text: string): string {
  return text
    .slice(0, 60)
    .replace(/\p{Lu}+/gu, 'A')
    .replace(/\p{Ll}+/gu, 'a')
    .replace(/\d+/g, '9')
    .replace(/\s+/g, ' ')
    .slice(0, 20);
}
