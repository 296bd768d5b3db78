import { AppError } from '../errors.ts';
import { errorFields } from './error-fields.ts';
import type { Scrub } from './scrub.ts';

type Fields = Record<string, unknown>;

/** Names whose values are never shown, whatever they are. */
const HIDDEN =
  /^(?:(?:webhook_?|client_?|private_?)?secret|password|token|(?:api|access|private|master|config)_?key|authorization|cookie|config(?:_?encrypted)?|idempotency_?key|(?:tap_?)?state|query|params|parameters|body|headers|row|rows_sample|question|context)$/i;

const MAX_DEPTH = 3;
const MAX_ITEMS = 20;

/** Makes what is given with a line into what may be shown: errors as their fields, texts scrubbed, lists and depths bounded. */
export function createLoggable(scrub: Scrub): (fields: Fields) => Fields {
  function shown(name: string, value: unknown, depth: number): unknown {
    if (HIDDEN.test(name) && value !== null && value !== undefined) return '[secret]';
    if (typeof value === 'string') return scrub(value);
    if (typeof value === 'bigint') return String(value);
    if (typeof value !== 'object' || value === null || value instanceof Date) return value;
    if (value instanceof Error) return errorFields(value, scrub);
    if (depth >= MAX_DEPTH) return '[deeper]';
    if (Array.isArray(value)) return items(value, depth);
    const entries = Object.entries(value).slice(0, MAX_ITEMS);
    return Object.fromEntries(entries.map(([key, each]) => [key, shown(key, each, depth + 1)]));
  }
  function items(values: readonly unknown[], depth: number): unknown[] {
    const first = values.slice(0, MAX_ITEMS).map((each) => shown('', each, depth + 1));
    return values.length > MAX_ITEMS ? [...first, `… ${values.length - MAX_ITEMS} more`] : first;
  }
  return (fields) => {
    const { err } = fields;
    const code = err instanceof AppError && fields['code'] === undefined ? { code: err.code } : {};
    const all = Object.entries({ ...fields, ...code });
    return Object.fromEntries(
      all.map(([key, value]) => [
        key,
        key === 'err' && value !== undefined ? errorFields(value, scrub) : shown(key, value, 0),
      ]),
    );
  };
}
