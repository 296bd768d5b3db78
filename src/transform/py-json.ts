import type { PyScalar, PyValue } from '../ports/expressions.ts';
import { exactDouble } from './exact-decimal.ts';
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
  return parseJson(text, Number);
}

/** The same where a number whose digits a float would lose is a Decimal. */
export function parseExactJson(text: string): PyValue {
  return parseJson(text, (digits) => exactDouble(digits) ?? { type: 'decimal', text: digits });
}

function parseJson(text: string, realOf: RealOf): PyValue {
  const standard = /NaN|Infinity/.test(text) ? text.replace(NUMBER_WORD, markWord) : text;
  const revive = reviver(realOf);
  if (!UNSAFE_KEY.test(standard)) return JSON.parse(standard, revive);
  const marked = standard.replace(/"(?:[^"\\]|\\.)*"(\s*:)?/g, (all, colon) =>
    colon === undefined ? all : `"k${all.slice(1)}`,
  );
  return JSON.parse(marked, (key: string, value: unknown, context?: { source?: string }) =>
    unmarked(revive(key, value, context)),
  );
}

/** Prints JSON as Python's json.dumps(ensure_ascii=False, default=str) does, without spaces: floats by their repr (85.0, 1e+16, NaN), ints with all digits. */
export function printPyJson(value: PyValue): string {
  return printJson(value, quotedScalar);
}

/** The same where a Decimal is a number with digits a float would lose. */
export function printExactJson(value: PyValue): string {
  return printJson(value, (scalar) => (scalar.type === 'decimal' ? scalar.text : quotedScalar(scalar)));
}

function printJson(value: PyValue, scalar: (value: PyScalar) => string): string {
  if (typeof value === 'number') return printFloat(value);
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => printJson(item, scalar)).join(',')}]`;
  if (value instanceof Map) {
    const entries = Array.from(value, ([key, item]) => `${JSON.stringify(key)}:${printJson(item, scalar)}`);
    return `{${entries.join(',')}}`;
  }
  return isScalar(value) ? scalar(value) : JSON.stringify(value);
}

function quotedScalar(value: PyScalar): string {
  return JSON.stringify(scalarText(value));
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

/** What becomes of the digits of a float. */
type RealOf = (digits: string) => PyValue;

function reviver(realOf: RealOf) {
  return (_key: string, value: unknown, context?: { source?: string }): PyValue => {
    if (typeof value === 'number') {
      const source = context?.source ?? String(value);
      return /[.eE]/.test(source) ? realOf(source) : BigInt(source);
    }
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
    if (Array.isArray(value)) return value;
    if (typeof value !== 'object' || value instanceof Map) return value as PyValue;
    const entries = Object.entries(value);
    const [first] = entries;
    if (first && (first[0] === MARK || first[0] === `k${MARK}`)) return Number(first[1]);
    return new Map(entries);
  };
}

function unmarked(value: PyValue): PyValue {
  return value instanceof Map ? new Map(Array.from(value, ([key, item]) => [key.slice(1), item])) : value;
}
