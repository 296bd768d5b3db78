import type { PyValue } from '../ports/expressions.ts';

const MARK = '\u0000float';
const NUMBER_WORD = /"(?:[^"\\]|\\.)*"|-?Infinity\b|NaN\b/g;

/**
 * Reads JSON as Python's json.loads does: 1 is an int of any size, 1.0 a float, NaN and Infinity are floats.
 * Throws SyntaxError.
 */
export function parsePyJson(text: string): PyValue {
  const standard = /NaN|Infinity/.test(text) ? text.replace(NUMBER_WORD, markWord) : text;
  return JSON.parse(standard, revive as (key: string, value: unknown) => unknown);
}

/** Prints JSON as Python's json.dumps(ensure_ascii=False) does, without spaces: floats by their repr (85.0, 1e+16, NaN), ints with all digits. */
export function printPyJson(value: PyValue): string {
  if (typeof value === 'number') return printFloat(value);
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(printPyJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${printPyJson(item)}`);
    return `{${entries.join(',')}}`;
  }
  return JSON.stringify(value);
}

/** Python's repr of a finite float: 85.0, 0.1, 1e+16, 1e-05. */
export function floatRepr(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  if (value !== 0 && (size >= 1e16 || size < 1e-4)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  const digits = String(value);
  return digits.includes('.') ? digits : `${digits}.0`;
}

function printFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return floatRepr(value);
}

function markWord(word: string): string {
  return word.startsWith('"') ? word : JSON.stringify({ [MARK]: word });
}

function revive(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value === 'number') {
    const source = context.source ?? String(value);
    return /[.eE]/.test(source) ? value : BigInt(source);
  }
  if (typeof value === 'object' && value !== null && MARK in value) return Number(value[MARK]);
  return value;
}
