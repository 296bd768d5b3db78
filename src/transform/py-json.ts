import type { PyScalar, PyValue } from '../ports/expressions.ts';
import { floatRepr } from './python/float-digits.ts';

const MARK = '\u0000float';
const NUMBER_WORD = /"(?:[^"\\]|\\.)*"|-?Infinity\b|NaN\b/g;
/** Keys JavaScript's objects do not keep in order, or do not keep at all. */
const UNSAFE_KEY = /"(?:\d+|__proto__)"\s*:|\\u00/;

/**
 * Reads JSON as Python's json.loads does: 1 is an int of any size, 1.0 a float, NaN and Infinity are floats, keys stay in order.
 * Throws SyntaxError.
 */
export function parsePyJson(text: string): PyValue {
  const standard = /NaN|Infinity/.test(text) ? text.replace(NUMBER_WORD, markWord) : text;
  if (!UNSAFE_KEY.test(standard)) return JSON.parse(standard, revive);
  const marked = standard.replace(/"(?:[^"\\]|\\.)*"(\s*:)?/g, (all, colon) =>
    colon === undefined ? all : `"k${all.slice(1)}`,
  );
  const reviver = (key: string, value: unknown, context?: { source?: string }) =>
    unmarked(revive(key, value, context));
  return JSON.parse(marked, reviver);
}

/** Prints JSON as Python's json.dumps(ensure_ascii=False, default=str) does, without spaces: floats by their repr (85.0, 1e+16, NaN), ints with all digits. */
export function printPyJson(value: PyValue): string {
  if (typeof value === 'number') return printFloat(value);
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(printPyJson).join(',')}]`;
  if (value instanceof Map) {
    return `{${Array.from(value, ([key, item]) => `${JSON.stringify(key)}:${printPyJson(item)}`).join(',')}}`;
  }
  return JSON.stringify(isScalar(value) ? scalarText(value) : value);
}

export function isScalar(value: PyValue): value is PyScalar {
  return typeof value === 'object' && value !== null && 'text' in value;
}

/** Its str(); of bytes what Postgres writes: \\x and hex digits. */
export function scalarText({ type, text }: PyScalar): string {
  return type === 'bytes' ? `\\x${text}` : text;
}

function printFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return floatRepr(value);
}

function markWord(word: string): string {
  return word.startsWith('"') ? word : JSON.stringify({ [MARK]: word });
}

function revive(_key: string, value: unknown, context?: { source?: string }): PyValue {
  if (typeof value === 'number') {
    const source = context?.source ?? String(value);
    return /[.eE]/.test(source) ? value : BigInt(source);
  }
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value instanceof Map) return value as PyValue;
  const entries = Object.entries(value);
  const [first] = entries;
  if (first && (first[0] === MARK || first[0] === `k${MARK}`)) return Number(first[1]);
  return new Map(entries);
}

function unmarked(value: PyValue): PyValue {
  return value instanceof Map ? new Map(Array.from(value, ([key, item]) => [key.slice(1), item])) : value;
}
