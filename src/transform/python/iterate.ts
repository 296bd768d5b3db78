import { rangeLength } from './equality.ts';
import { fail } from './errors.ts';
import { hashKey } from './hash-key.ts';
import type { Meter } from './meter.ts';
import { isObject, type Py, type PyIterator, type PyObject, tuple, typeName } from './values.ts';

/** Walks through what Python can iterate, a step each. Throws TypeError for the rest. */
export function* iterate(meter: Meter, value: Py): Generator<Py, void, undefined> {
  if (typeof value === 'string') {
    for (const char of value) {
      meter.spend(1);
      yield char;
    }
    return;
  }
  if (Array.isArray(value)) {
    for (const item of value) {
      meter.spend(1);
      yield item;
    }
    return;
  }
  if (!isObject(value)) throw notIterable(value);
  yield* iterateObject(meter, value);
}

function* iterateObject(meter: Meter, value: PyObject): Generator<Py, void, undefined> {
  switch (value.kind) {
    case 'iterator':
      for (let item = value.next(); item !== undefined; item = value.next()) {
        meter.spend(1);
        yield item;
      }
      return;
    case 'range': {
      let left = rangeLength(value);
      for (let i = value.start; left > 0n; i += value.step, left--) {
        meter.spend(1);
        yield i;
      }
      return;
    }
    default:
      for (const item of stored(value)) {
        meter.spend(1);
        yield item;
      }
  }
}

function stored(value: PyObject): Iterable<Py> {
  switch (value.kind) {
    case 'tuple':
      return value.items;
    case 'dict':
      return Array.from(value.entries.values(), ([key]) => key);
    case 'set':
    case 'frozenset':
      return value.items.values();
    case 'view':
      return Array.from(value.dict.entries.values(), ([key, item]) =>
        value.of === 'keys' ? key : value.of === 'values' ? item : tuple([key, item]),
      );
    case 'bytes':
      return Array.from(value.bytes, BigInt);
    default:
      throw notIterable(value);
  }
}

function notIterable(value: Py) {
  return fail('TypeError', `'${typeName(value)}' object is not iterable`);
}

/** list(value), counted. */
export function listOf(meter: Meter, value: Py): Py[] {
  const items: Py[] = [];
  for (const item of iterate(meter, value)) {
    if ((items.length & 1023) === 0) meter.allocate(1024 * 16);
    items.push(item);
  }
  return items;
}

/** Python's iter(): checks now, walks later. */
export function iteratorOf(meter: Meter, value: Py): PyIterator {
  if (isObject(value) && value.kind === 'iterator') return value;
  if (!isIterable(value)) throw notIterable(value);
  return makeIterator(`${typeName(value)}_iterator`, iterate(meter, value));
}

export function makeIterator(name: string, items: Iterator<Py>): PyIterator {
  return {
    kind: 'iterator',
    name,
    next: () => {
      const step = items.next();
      return step.done ? undefined : step.value;
    },
  };
}

export function isIterable(value: Py): boolean {
  if (typeof value === 'string' || Array.isArray(value)) return true;
  return isObject(value) && ITERABLE.has(value.kind);
}

const ITERABLE: ReadonlySet<PyObject['kind']> = new Set<PyObject['kind']>([
  'tuple',
  'dict',
  'set',
  'frozenset',
  'view',
  'bytes',
  'range',
  'iterator',
]);

/** len(). Throws TypeError. */
export function lengthOf(value: Py): bigint {
  if (typeof value === 'string') return BigInt(textLength(value));
  if (Array.isArray(value)) return BigInt(value.length);
  if (isObject(value)) {
    switch (value.kind) {
      case 'tuple':
        return BigInt(value.items.length);
      case 'dict':
        return BigInt(value.entries.size);
      case 'set':
      case 'frozenset':
        return BigInt(value.items.size);
      case 'view':
        return BigInt(value.dict.entries.size);
      case 'bytes':
        return BigInt(value.bytes.length);
      case 'range': {
        const length = rangeLength(value);
        if (length >= 2n ** 63n) throw fail('OverflowError', 'Python int too large to convert to C ssize_t');
        return length;
      }
    }
  }
  throw fail('TypeError', `object of type '${typeName(value)}' has no len()`);
}

const WIDE = /[\ud800-\udbff]/;

/** Whether UTF-16 units and Python's characters differ. */
export function isWide(text: string): boolean {
  return WIDE.test(text);
}

export function textLength(text: string): number {
  if (!isWide(text)) return text.length;
  let length = 0;
  for (const _ of text) length++;
  return length;
}

/** bool(). */
export function truth(value: Py): boolean {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return value !== '';
    case 'bigint':
      return value !== 0n;
    case 'number':
      return value !== 0;
    default:
      if (value === null) return false;
      if (Array.isArray(value)) return value.length > 0;
      return objectTruth(value);
  }
}

function objectTruth(value: PyObject): boolean {
  switch (value.kind) {
    case 'decimal':
      if (value.special === 'snan') throw fail('InvalidOperation', "[<class 'decimal.InvalidOperation'>]");
      return value.special !== '' || value.coefficient !== 0n;
    case 'timedelta':
      return value.microseconds !== 0n;
    case 'range':
      return rangeLength(value) > 0n;
    case 'tuple':
    case 'dict':
    case 'set':
    case 'frozenset':
    case 'view':
    case 'bytes':
      return lengthOf(value) > 0n;
    default:
      return true;
  }
}

/** A dict's value, or undefined. */
export function lookUp(meter: Meter, dict: Extract<Py, { kind: 'dict' }>, key: Py): Py | undefined {
  return dict.entries.get(hashKey(meter, key))?.[1];
}
