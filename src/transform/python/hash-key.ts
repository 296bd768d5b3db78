import { instantOf } from './calendar.ts';
import {
  compareDecimals,
  decimalOfFloat,
  decimalText,
  decimalToFloat,
  decimalToInt,
  isWhole,
  reduced,
} from './decimal.ts';
import { fail } from './errors.ts';
import type { Meter } from './meter.ts';
import { type Py, type PyDecimal, type PyDict, type PySet, typeName } from './values.ts';

const MAX_DEPTH = 100;

/**
 * What a Map tells Python's equal keys by: 1, 1.0, True and Decimal(1) are one key. Texts stand for themselves, tagged kinds begin with NUL.
 * Throws TypeError for what is unhashable.
 */
export function hashKey(meter: Meter, value: Py, depth = 0): unknown {
  switch (typeof value) {
    case 'string':
      return value.startsWith('\0') ? `\0s${value}` : value;
    case 'bigint':
      return value;
    case 'boolean':
      return value ? 1n : 0n;
    case 'number':
      return Number.isInteger(value) ? BigInt(value) : value;
    default:
      return value === null ? null : objectKey(meter, value, depth);
  }
}

function objectKey(
  meter: Meter,
  value: Exclude<Py, null | boolean | bigint | number | string>,
  depth: number,
): unknown {
  meter.spend(1);
  if (Array.isArray(value)) throw unhashable(value);
  if (depth > MAX_DEPTH) throw fail('RecursionError', 'maximum recursion depth exceeded');
  switch (value.kind) {
    case 'tuple':
      return `\0t${joined(meter, value.items, depth)}`;
    case 'frozenset':
      return `\0f${joined(meter, [...value.items.values()], depth, true)}`;
    case 'decimal':
      return decimalKey(value);
    case 'bytes':
      return `\0b${Buffer.from(value.bytes).toString('hex')}`;
    case 'date':
      return `\0d${value.days}`;
    case 'datetime':
      return `\0m${value.zone === null}${instantOf(value)}`;
    case 'time':
      return `\0c${value.zone === null}${BigInt(value.microseconds) - (value.zone?.offset ?? 0n)}`;
    case 'timedelta':
      return `\0e${value.microseconds}`;
    case 'timezone':
      return `\0z${value.offset}`;
    case 'range':
      return `\0r${value.start},${value.stop},${value.step}`;
    case 'dict':
    case 'set':
      throw unhashable(value);
    case 'view':
      if (value.of === 'values') return value;
      throw unhashable(value);
    default:
      return value;
  }
}

function unhashable(value: Py) {
  return fail('TypeError', `unhashable type: '${typeName(value)}'`);
}

function joined(meter: Meter, items: readonly Py[], depth: number, sorted = false): string {
  const keys = items.map((item) => {
    const key = hashKey(meter, item, depth + 1);
    const text = typeof key === 'string' ? key : `\0${typeof key}${String(key)}`;
    return `${text.length}:${text}`;
  });
  meter.allocate(keys.reduce((sum, key) => sum + key.length, 0));
  return (sorted ? keys.sort() : keys).join('');
}

function decimalKey(value: PyDecimal): unknown {
  if (value.special === 'snan') throw fail('TypeError', 'Cannot hash a signaling NaN value');
  if (value.special !== '') return decimalToFloat(value);
  if (isWhole(value) && value.exponent < 5000) return decimalToInt(value);
  const float = decimalToFloat(value);
  if (Number.isFinite(float) && compareDecimals(decimalOfFloat(float), value) === 0) return float;
  return `\0D${decimalText(reduced(value))}`;
}

export function makeDict(meter: Meter, pairs: Iterable<readonly [Py, Py]>): PyDict {
  const dict: PyDict = { kind: 'dict', entries: new Map() };
  for (const [key, value] of pairs) setItem(meter, dict, key, value);
  return dict;
}

/** An equal key that is there already stays as it was written first. */
export function setItem(meter: Meter, dict: PyDict, key: Py, value: Py): void {
  const at = hashKey(meter, key);
  const entry = dict.entries.get(at);
  if (entry) entry[1] = value;
  else {
    meter.allocate(150);
    dict.entries.set(at, [key, value]);
  }
}

export function makeSet(meter: Meter, items: Iterable<Py>, kind: PySet['kind'] = 'set'): PySet {
  const set: PySet = { kind, items: new Map() };
  for (const item of items) {
    const key = hashKey(meter, item);
    if (set.items.has(key)) continue;
    meter.allocate(100);
    set.items.set(key, item);
  }
  return set;
}
