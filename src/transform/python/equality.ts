import { instantOf } from './calendar.ts';
import { compareDecimals, decimalOf, decimalOfFloat } from './decimal.ts';
import { fail } from './errors.ts';
import { hashKey } from './hash-key.ts';
import type { Meter } from './meter.ts';
import { isSetLike, isWithin, type SetLike, sizeOf } from './set-like.ts';
import { isInt, isKind, isNumber, isSet, type Py, type PyDecimal, type PyObject, whole } from './values.ts';

const MAX_DEPTH = 100;

/** -1, 0, 1 by exact value; null when one is NaN. JavaScript compares bigint and number exactly. */
export function compareNumbers(a: bigint | boolean | number, b: bigint | boolean | number): number | null {
  const x = typeof a === 'boolean' ? whole(a) : a;
  const y = typeof b === 'boolean' ? whole(b) : b;
  if (x < y) return -1;
  if (x > y) return 1;
  // biome-ignore lint/suspicious/noDoubleEquals: 1n == 1 is exact, 1n === 1 is false
  return x == y ? 0 : null;
}

/** A number as a Decimal, exactly; null for anything else. */
export function asDecimal(value: Py): PyDecimal | null {
  if (isKind(value, 'decimal')) return value;
  if (isInt(value)) return decimalOf(whole(value));
  return typeof value === 'number' ? decimalOfFloat(value) : null;
}

/** Python's ==. Throws RecursionError, TimeoutError. */
export function equal(meter: Meter, a: Py, b: Py, depth = 0): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  if (a === null || b === null) return a === b;
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b) === 0;
  if (isKind(a, 'decimal') || isKind(b, 'decimal')) {
    const [x, y] = [asDecimal(a), asDecimal(b)];
    return x !== null && y !== null && compareDecimals(x, y) === 0;
  }
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  meter.spend(1);
  if (depth > MAX_DEPTH) throw fail('RecursionError', 'maximum recursion depth exceeded in comparison');
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && sameItems(meter, a, b, depth);
  return equalObjects(meter, a, b, depth);
}

/** What containers ask: identity or equality. */
export function same(meter: Meter, a: Py, b: Py, depth = 0): boolean {
  return Object.is(a, b) || equal(meter, a, b, depth);
}

function equalObjects(meter: Meter, a: PyObject, b: PyObject, depth: number): boolean {
  if (isSetLike(a) && isSetLike(b)) return sameMembers(meter, a, b);
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case 'tuple':
      return isKind(b, 'tuple') && sameItems(meter, a.items, b.items, depth);
    case 'dict':
      return (
        isKind(b, 'dict') &&
        a.entries.size === b.entries.size &&
        sameEntries(meter, a.entries, b.entries, depth)
      );
    case 'datetime':
      return (
        isKind(b, 'datetime') && (a.zone === null) === (b.zone === null) && instantOf(a) === instantOf(b)
      );
    case 'bytes':
    case 'date':
    case 'time':
    case 'timedelta':
    case 'timezone':
      return hashKey(meter, a) === hashKey(meter, b);
    case 'range':
      return isKind(b, 'range') && sameRange(a, b);
    default:
      return a === b;
  }
}

function sameItems(meter: Meter, a: readonly Py[], b: readonly Py[], depth: number): boolean {
  meter.spend(Math.min(a.length, b.length));
  return a.length === b.length && a.every((item, i) => same(meter, item, b[i] ?? null, depth + 1));
}

type Entries = Extract<Py, { kind: 'dict' }>['entries'];

function sameEntries(meter: Meter, a: Entries, b: Entries, depth: number): boolean {
  for (const [key, [, value]] of a) {
    const other = b.get(key);
    if (!other || !same(meter, value, other[1], depth + 1)) return false;
  }
  return true;
}

type Range = Extract<Py, { kind: 'range' }>;

export function rangeLength({ start, stop, step }: Range): bigint {
  if (step > 0n) return start < stop ? (stop - start - 1n) / step + 1n : 0n;
  return start > stop ? (start - stop - 1n) / -step + 1n : 0n;
}

function sameRange(a: Range, b: Range): boolean {
  const length = rangeLength(a);
  if (length !== rangeLength(b)) return false;
  return length === 0n || (a.start === b.start && (length === 1n || a.step === b.step));
}

/** A set leaves the comparison to a view, which goes through its own members. */
function sameMembers(meter: Meter, a: SetLike, b: SetLike): boolean {
  return isSet(a) && !isSet(b)
    ? sizeOf(a) === sizeOf(b) && isWithin(meter, b, a, same)
    : sizeOf(a) === sizeOf(b) && isWithin(meter, a, b, same);
}
