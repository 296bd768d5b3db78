import type { PyValue } from '../../ports/expressions.ts';

/** How deep values and results may be nested. */
export const MAX_DEPTH = 60;

/** Whether a value is nested deeper than MAX_DEPTH. Looks no deeper: what lies further down can end the stack of whoever copies it. */
export function isTooDeep(value: PyValue, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth > MAX_DEPTH) return true;
  if (Array.isArray(value)) return value.some((item) => isTooDeep(item, depth + 1));
  return value instanceof Map && value.values().some((item) => isTooDeep(item, depth + 1));
}
