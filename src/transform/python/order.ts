import { instantOf } from './calendar.ts';
import { compareDecimals } from './decimal.ts';
import { asDecimal, compareNumbers, same } from './equality.ts';
import { fail } from './errors.ts';
import type { Meter } from './meter.ts';
import { isSetLike, isWithin, type SetLike, sizeOf } from './set-like.ts';
import { isKind, isNumber, type Py, type PyObject, typeName } from './values.ts';

export type Ordering = '<' | '<=' | '>' | '>=';

/** Python's < <= > >=. Throws TypeError where there is no order. */
export function ordered(meter: Meter, op: Ordering, a: Py, b: Py, depth = 0): boolean {
  if (typeof a === 'string' && typeof b === 'string') return holds(op, compareTexts(a, b));
  if (isNumber(a) && isNumber(b)) return holds(op, compareNumbers(a, b));
  if (depth > 100) throw fail('RecursionError', 'maximum recursion depth exceeded in comparison');
  if (Array.isArray(a) && Array.isArray(b)) return orderedItems(meter, op, a, b, depth);
  if (typeof a === 'object' && a !== null && !Array.isArray(a)) return orderedObject(meter, op, a, b, depth);
  if (isKind(b, 'decimal')) return orderedDecimals(op, a, b);
  throw unordered(op, a, b);
}

/** By code points, not by UTF-16 units. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  if (at === length) return a.length < b.length ? -1 : 1;
  const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
  return rank(x) < rank(y) ? -1 : 1;
}

/** Surrogates stand for characters above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

function holds(op: Ordering, comparison: number | null): boolean {
  if (comparison === null) return false;
  if (op === '<') return comparison < 0;
  if (op === '>') return comparison > 0;
  return op === '<=' ? comparison <= 0 : comparison >= 0;
}

function unordered(op: Ordering, a: Py, b: Py) {
  return fail(
    'TypeError',
    `'${op}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`,
  );
}

function orderedItems(
  meter: Meter,
  op: Ordering,
  a: readonly Py[],
  b: readonly Py[],
  depth: number,
): boolean {
  const length = Math.min(a.length, b.length);
  meter.spend(length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a[i] ?? null, b[i] ?? null];
    if (!same(meter, x, y, depth + 1)) return ordered(meter, op, x, y, depth + 1);
  }
  return holds(op, a.length - b.length);
}

function orderedObject(meter: Meter, op: Ordering, a: PyObject, b: Py, depth: number): boolean {
  switch (a.kind) {
    case 'tuple':
      if (isKind(b, 'tuple')) return orderedItems(meter, op, a.items, b.items, depth);
      break;
    case 'set':
    case 'frozenset':
    case 'view':
      if (isSetLike(a) && isSetLike(b)) return orderedSets(meter, op, a, b);
      break;
    case 'decimal':
      return orderedDecimals(op, a, b);
    case 'bytes':
      if (isKind(b, 'bytes')) return holds(op, Buffer.compare(a.bytes, b.bytes));
      break;
    case 'date':
      if (isKind(b, 'date')) return holds(op, a.days - b.days);
      if (isKind(b, 'datetime')) throw fail('TypeError', "can't compare datetime.datetime to datetime.date");
      break;
    case 'datetime':
      if (isKind(b, 'date')) throw fail('TypeError', "can't compare datetime.datetime to datetime.date");
      if (isKind(b, 'datetime')) {
        if ((a.zone === null) !== (b.zone === null))
          throw fail('TypeError', "can't compare offset-naive and offset-aware datetimes");
        return holds(op, sign(instantOf(a) - instantOf(b)));
      }
      break;
    case 'time':
      if (isKind(b, 'time')) {
        if ((a.zone === null) !== (b.zone === null))
          throw fail('TypeError', "can't compare offset-naive and offset-aware times");
        const offset = (b.zone?.offset ?? 0n) - (a.zone?.offset ?? 0n);
        return holds(op, sign(BigInt(a.microseconds) - BigInt(b.microseconds) + offset));
      }
      break;
    case 'timedelta':
      if (isKind(b, 'timedelta')) return holds(op, sign(a.microseconds - b.microseconds));
      break;
  }
  throw unordered(op, a, b);
}

function sign(difference: bigint): number {
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function orderedDecimals(op: Ordering, a: Py, b: Py): boolean {
  const [x, y] = [asDecimal(a), asDecimal(b)];
  if (x === null || y === null) throw unordered(op, a, b);
  if (x.special.endsWith('nan') || y.special.endsWith('nan'))
    throw fail('InvalidOperation', "[<class 'decimal.InvalidOperation'>]");
  return holds(op, compareDecimals(x, y));
}

function orderedSets(meter: Meter, op: Ordering, a: SetLike, b: SetLike): boolean {
  const [small, large] = op === '<' || op === '<=' ? [a, b] : [b, a];
  if (op === '<' || op === '>' ? sizeOf(small) >= sizeOf(large) : sizeOf(small) > sizeOf(large)) return false;
  return isWithin(meter, small, large, same);
}
