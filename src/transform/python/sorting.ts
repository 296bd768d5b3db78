import { intToFloat } from './arithmetic.ts';
import { fail } from './errors.ts';
import { iterate, truth } from './iterate.ts';
import type { Meter } from './meter.ts';
import { add } from './operators.ts';
import { type Ordering, ordered } from './order.ts';
import { isInt, isKind, type Py, whole } from './values.ts';

export type Key = ((item: Py) => Py) | null;

/** sorted(): stable, and asks only for <. Throws TypeError. */
export function sortItems(meter: Meter, items: readonly Py[], key: Key, reverse: boolean): Py[] {
  const pairs = items.map((item): [Py, Py] => [key ? key(item) : item, item]);
  meter.spend(items.length * Math.ceil(Math.log2(items.length + 1)));
  meter.allocate(items.length * 32);
  if (reverse) pairs.reverse();
  const done = mergeSort(pairs, (a, b) => ordered(meter, '<', b[0], a[0]));
  if (reverse) done.reverse();
  return done.map(([, item]) => item);
}

/** Up to 64 items as CPython sorts them, by binary insertion, so that what has no order ends in the same one. */
function mergeSort<T>(items: readonly T[], isAfter: (a: T, b: T) => boolean): T[] {
  if (items.length < 64) return insertionSort(items, isAfter);
  const middle = items.length >> 1;
  const left = mergeSort(items.slice(0, middle), isAfter);
  const right = mergeSort(items.slice(middle), isAfter);
  const merged: T[] = [];
  let [i, j] = [0, 0];
  for (;;) {
    const [a, b] = [left[i], right[j]];
    if (a === undefined) return merged.concat(right.slice(j));
    if (b === undefined) return merged.concat(left.slice(i));
    if (isAfter(a, b)) {
      merged.push(b);
      j++;
    } else {
      merged.push(a);
      i++;
    }
  }
}

function insertionSort<T>(items: readonly T[], isAfter: (a: T, b: T) => boolean): T[] {
  const done = items.slice(0, 1);
  const run = countRun(items, isAfter);
  if (run.descending) done.splice(0, 1, ...items.slice(0, run.length).reverse());
  else done.push(...items.slice(1, run.length));
  for (const item of items.slice(run.length)) {
    let low = 0;
    let high = done.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const pivot = done[middle];
      if (pivot !== undefined && isAfter(pivot, item)) high = middle;
      else low = middle + 1;
    }
    done.splice(low, 0, item);
  }
  return done;
}

/** The run that items begin with: ascending, or strictly descending. */
function countRun<T>(
  items: readonly T[],
  isAfter: (a: T, b: T) => boolean,
): { length: number; descending: boolean } {
  const [first, second] = items;
  if (first === undefined || second === undefined) return { length: items.length, descending: false };
  const descending = isAfter(first, second);
  let length = 2;
  for (; length < items.length; length++) {
    const [a, b] = [items[length - 1], items[length]];
    if (a === undefined || b === undefined || isAfter(a, b) !== descending) break;
  }
  return { length, descending };
}

/** min() and max(). */
export function best(meter: Meter, items: readonly Py[], key: Key, op: Ordering): Py | undefined {
  const [first, ...rest] = items;
  if (first === undefined) return undefined;
  let [found, foundKey] = [first, key ? key(first) : first];
  for (const item of rest) {
    const itemKey = key ? key(item) : item;
    if (ordered(meter, op, itemKey, foundKey)) [found, foundKey] = [item, itemKey];
  }
  return found;
}

/** sum(), as CPython 3.11 adds: floats one by one, without compensation. */
export function sumOf(meter: Meter, items: Py, start: Py): Py {
  if (typeof start === 'string')
    throw fail('TypeError', "sum() can't sum strings [use ''.join(seq) instead]");
  if (isKind(start, 'bytes')) throw fail('TypeError', "sum() can't sum bytes [use b''.join(seq) instead]");
  let total: Py = start;
  for (const item of iterate(meter, items)) {
    // CPython's loop over floats takes an int by its nearest float as + does, so nothing differs
    total =
      typeof total === 'number' && isInt(item) ? total + intToFloat(whole(item)) : add(meter, total, item);
  }
  return total;
}

export function anyOf(meter: Meter, items: Py): boolean {
  for (const item of iterate(meter, items)) if (truth(item)) return true;
  return false;
}

export function allOf(meter: Meter, items: Py): boolean {
  for (const item of iterate(meter, items)) if (!truth(item)) return false;
  return true;
}
