import { hashKey } from './hash-key.ts';
import type { Meter } from './meter.ts';
import { isKind, isSet, type Py, type PySet, type PyView, tuple } from './values.ts';

/** A set, a frozenset, or the keys or items of a dict: what compares and combines as sets do. */
export type SetLike = PySet | PyView;

/** Whether two values are the same one or equal, as containers ask. */
type Same = (meter: Meter, a: Py, b: Py) => boolean;

export function isSetLike(value: Py | undefined): value is SetLike {
  return isSet(value) || isSetView(value);
}

/** The keys or items of a dict; its values are no set. */
export function isSetView(value: Py | undefined): value is PyView {
  return isKind(value, 'view') && value.of !== 'values';
}

export function sizeOf(set: SetLike): number {
  return isSet(set) ? set.items.size : set.dict.entries.size;
}

/** Whether every member of one is in the other. Throws TypeError for an item that cannot be looked up. */
export function isWithin(meter: Meter, small: SetLike, large: SetLike, same: Same): boolean {
  if (isSet(small) && isSet(large)) return [...small.items.keys()].every((key) => large.items.has(key));
  for (const member of membersOf(small)) if (!isMember(meter, large, member, same)) return false;
  return true;
}

/** x in a set or a view. Throws TypeError for what is unhashable. */
export function isMember(meter: Meter, set: SetLike, x: Py, same: Same): boolean {
  if (isSet(set)) return set.items.has(hashKey(meter, isSet(x) ? { kind: 'frozenset', items: x.items } : x));
  const { entries } = set.dict;
  if (set.of === 'keys') return entries.has(hashKey(meter, x));
  const [key, value] = isKind(x, 'tuple') && x.items.length === 2 ? x.items : [];
  if (key === undefined || value === undefined) return false;
  const entry = entries.get(hashKey(meter, key));
  return entry !== undefined && same(meter, entry[1], value);
}

export function* membersOf(set: SetLike): Generator<Py, void, undefined> {
  if (isSet(set)) yield* set.items.values();
  else
    for (const [key, value] of set.dict.entries.values()) yield set.of === 'keys' ? key : tuple([key, value]);
}
