import { type Methods, positional } from './arguments.ts';
import { same } from './equality.ts';
import { makeSet } from './hash-key.ts';
import { iterate, lengthOf } from './iterate.ts';
import type { Meter } from './meter.ts';
import { isMember, isSetLike, isSetView, membersOf, type SetLike, sizeOf } from './set-like.ts';
import { isSet, type Py, type PySet, type PyView } from './values.ts';

/** Of the keys and items of a dict. */
export const VIEW_METHODS: Methods<PyView> = {
  isdisjoint(meter, self, args, named) {
    positional('isdisjoint', 1, 1, args, named);
    const [other = null] = args;
    if (other === self) return lengthOf(self) === 0n;
    const swaps = isSetLike(other) && sizeOf(other) > sizeOf(self);
    const [set, items]: [SetLike, Iterable<Py>] = swaps
      ? [other, membersOf(self)]
      : [self, iterate(meter, other)];
    for (const item of items) if (isMember(meter, set, item, same)) return false;
    return true;
  },
};

/** a - b where one is the keys or items of a dict, the other anything to go through. Throws TypeError. */
export function withoutItems(meter: Meter, a: Py, b: Py): PySet {
  const left = makeSet(meter, iterate(meter, a));
  const right = makeSet(meter, iterate(meter, b));
  return { kind: 'set', items: new Map([...left.items].filter(([key]) => !right.items.has(key))) };
}

/** a op b, likewise. The answer is a set, whatever the other is. */
export function combinedItems(meter: Meter, op: '&' | '|' | '^', a: Py, b: Py): PySet {
  if (op === '&') return isSetView(a) ? inBoth(meter, a, b) : inBoth(meter, b, a);
  if (op === '|') return makeSet(meter, [...iterate(meter, a), ...iterate(meter, b)]);
  if (isSetView(a) && isSetView(b) && a.of === 'items' && b.of === 'items')
    return makeSet(meter, [...outside(meter, a, b), ...outside(meter, b, a)]);
  const left = makeSet(meter, iterate(meter, a));
  const right = makeSet(meter, iterate(meter, b));
  const alone = (own: PySet, other: PySet) => [...own.items].filter(([key]) => !other.items.has(key));
  return { kind: 'set', items: new Map([...alone(left, right), ...alone(right, left)]) };
}

function inBoth(meter: Meter, view: Py, other: Py): PySet {
  if (!isSetView(view)) return makeSet(meter, []);
  const swaps =
    isSetLike(other) &&
    (isSet(other) ? other.kind === 'set' && sizeOf(view) <= sizeOf(other) : sizeOf(other) > sizeOf(view));
  const [set, items]: [SetLike, Iterable<Py>] = swaps
    ? [other, membersOf(view)]
    : [view, iterate(meter, other)];
  const found: Py[] = [];
  for (const item of items) if (isMember(meter, set, item, same)) found.push(item);
  return makeSet(meter, found);
}

/** Items of one that the other does not have; only these need be hashable. */
function outside(meter: Meter, own: PyView, other: PyView): Py[] {
  return [...membersOf(own)].filter((item) => !isMember(meter, other, item, same));
}
