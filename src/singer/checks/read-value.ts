import { isObject } from '../json-schema.ts';
import { MARK_CODE, readMarked } from '../number-text.ts';

/** A number, marked or not; null for anything else. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  const text = markedNumber(value);
  return text === null ? null : Number(text);
}

/** A number as it was written. */
export function numberTextOf(value: unknown): string | null {
  return typeof value === 'number' ? String(value) : markedNumber(value);
}

/** A string; null for anything else, marked numbers among them. */
export function stringOf(value: unknown): string | null {
  if (typeof value !== 'string' || value.charCodeAt(0) !== MARK_CODE)
    return typeof value === 'string' ? value : null;
  const meant = readMarked(value);
  return 'string' in meant ? meant.string : null;
}

/** The value without marks. */
export function plainValue(value: unknown): unknown {
  if (typeof value === 'string') return numberOf(value) ?? stringOf(value);
  if (Array.isArray(value)) return value.map(plainValue);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plainValue(each)]));
}

function markedNumber(value: unknown): string | null {
  if (typeof value !== 'string' || value.charCodeAt(0) !== MARK_CODE) return null;
  const meant = readMarked(value);
  return 'number' in meant ? meant.number : null;
}
