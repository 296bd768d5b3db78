import type { LakeValue } from '../../domain/lake-type.ts';
import { printPyJson } from '../../transform/py-json.ts';

const LONGEST = 80;

/** A column's value as text to read; null for null. */
export function shownValue(value: LakeValue): string | null {
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return printPyJson(value);
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
}

/** At most 80 characters, the last of them a sign that there were more. */
export function clipped(text: string): string {
  const characters = [...text.slice(0, 2 * LONGEST + 2)];
  return characters.length <= LONGEST ? text : `${characters.slice(0, LONGEST - 1).join('')}\u2026`;
}
