import { rangeLength } from './equality.ts';
import { fail } from './errors.ts';
import { hashKey } from './hash-key.ts';
import { isWide } from './iterate.ts';
import type { Meter } from './meter.ts';
import { groupNumber, groupText } from './regex/search.ts';
import { reprOf } from './repr.ts';
import { bytesOf, isInt, isObject, type Py, type PyDict, tuple, typeName, whole } from './values.ts';

/** object[index]. */
export function subscript(meter: Meter, object: Py, index: Py): Py {
  if (typeof object === 'string') return characterAt(object, index);
  if (Array.isArray(object)) return object[place(index, object.length, 'list')] ?? null;
  if (isObject(object)) {
    switch (object.kind) {
      case 'dict':
        return itemOf(meter, object, index);
      case 'tuple':
        return object.items[place(index, object.items.length, 'tuple')] ?? null;
      case 'bytes':
        return BigInt(object.bytes[place(index, object.bytes.length, 'byte')] ?? 0);
      case 'range': {
        const at = place(index, Number(rangeLength(object)), 'range', 'range object index out of range');
        return object.start + object.step * BigInt(at);
      }
      case 'match':
        return groupText(object, groupNumber(object, index));
    }
  }
  throw fail('TypeError', `'${typeName(object)}' object is not subscriptable`);
}

function itemOf(meter: Meter, dict: PyDict, key: Py): Py {
  const entry = dict.entries.get(hashKey(meter, key));
  if (!entry) throw fail('KeyError', reprOf(meter, key));
  return entry[1];
}

function characterAt(text: string, index: Py): string {
  if (!isInt(index)) throw fail('TypeError', `string indices must be integers, not '${typeName(index)}'`);
  const chars = isWide(text) ? [...text] : text;
  return chars[place(index, chars.length, 'string')] ?? '';
}

function place(
  index: Py,
  length: number,
  what: string,
  message = `${what === 'byte' ? '' : `${what} `}index out of range`,
): number {
  if (!isInt(index))
    throw fail('TypeError', `${what} indices must be integers or slices, not ${typeName(index)}`);
  const at = whole(index);
  if (at >= 2n ** 63n || at < -(2n ** 63n))
    throw fail('IndexError', "cannot fit 'int' into an index-sized integer");
  const found = at < 0n ? Number(at) + length : Number(at);
  if (found < 0 || found >= length) throw fail('IndexError', message);
  return found;
}

/** object[from:to:step]; null: left out. */
export function slice(meter: Meter, object: Py, from: Py, to: Py, step: Py): Py {
  if (typeof object === 'string') return sliceText(meter, object, from, to, step);
  if (Array.isArray(object)) return picked(meter, object, from, to, step);
  if (isObject(object)) {
    if (object.kind === 'tuple') return tuple(picked(meter, object.items, from, to, step));
    if (object.kind === 'bytes')
      return bytesOf(Uint8Array.from(picked(meter, [...object.bytes], from, to, step)));
    if (object.kind === 'range') return sliceRange(object, from, to, step);
    if (object.kind === 'dict') throw fail('TypeError', "unhashable type: 'slice'");
    if (object.kind === 'match') throw fail('IndexError', 'no such group');
  }
  throw fail('TypeError', `'${typeName(object)}' object is not subscriptable`);
}

function sliceText(meter: Meter, text: string, from: Py, to: Py, step: Py): string {
  if (step === null && !isWide(text)) {
    const [start, stop] = bounds(text.length, from, to, null);
    return start < stop ? text.slice(start, stop) : '';
  }
  return picked(meter, [...text], from, to, step).join('');
}

function sliceRange(range: Extract<Py, { kind: 'range' }>, from: Py, to: Py, step: Py): Py {
  const length = Number(rangeLength(range));
  const [start, stop, by] = bounds(length, from, to, step);
  const at = (i: number) => range.start + range.step * BigInt(i);
  return { kind: 'range', start: at(start), stop: at(stop), step: range.step * BigInt(by) };
}

function picked<T>(meter: Meter, items: readonly T[], from: Py, to: Py, step: Py): T[] {
  const [start, stop, by] = bounds(items.length, from, to, step);
  meter.spend(Math.min(items.length, Math.abs(stop - start)) >> 4);
  meter.allocate(Math.min(items.length, Math.abs(stop - start)) * 8);
  if (by === 1) return items.slice(start, Math.max(start, stop));
  const found: T[] = [];
  for (let i = start; by > 0 ? i < stop : i > stop; i += by) {
    const item = items[i];
    if (item !== undefined) found.push(item);
  }
  return found;
}

/** CPython's slice.indices(). */
export function bounds(
  length: number,
  from: Py,
  to: Py,
  step: Py,
): [start: number, stop: number, step: number] {
  const by = step === null ? 1 : bound(step);
  if (by === 0) throw fail('ValueError', 'slice step cannot be zero');
  const [low, high] = by > 0 ? [0, length] : [-1, length - 1];
  const clamp = (value: number) => Math.min(Math.max(value < 0 ? value + length : value, low), high);
  const start = from === null ? (by > 0 ? low : high) : clamp(bound(from));
  const stop = to === null ? (by > 0 ? high : low) : clamp(bound(to));
  return [start, stop, by];
}

function bound(value: Py): number {
  if (!isInt(value))
    throw fail('TypeError', 'slice indices must be integers or None or have an __index__ method');
  const at = whole(value);
  if (at > 2n ** 52n) return 2 ** 52;
  return at < -(2n ** 52n) ? -(2 ** 52) : Number(at);
}
