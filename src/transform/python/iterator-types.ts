import { bind, NO_NAMES, positional } from './arguments.ts';
import { call } from './attributes.ts';
import { rangeLength } from './equality.ts';
import { fail } from './errors.ts';
import type { Run } from './functions.ts';
import { isIterable, iterate, iteratorOf, listOf, makeIterator, truth } from './iterate.ts';
import type { Meter } from './meter.ts';
import { indexOf, isKind, isSet, type Py, tuple, typeName } from './values.ts';

/** The types that make iterators: map, filter, zip, enumerate, reversed. */
export function iteratorTypes(meter: Meter): [string, Run][] {
  return [
    [
      'map',
      ([fn = null, ...sources], named) => {
        if (named.size > 0) throw fail('TypeError', 'map() takes no keyword arguments');
        if (sources.length === 0) throw fail('TypeError', 'map() must have at least two arguments.');
        const iterators = sources.map((source) => iteratorOf(meter, source));
        return makeIterator(
          'map',
          mapped(meter, iterators, (items) => call(fn, items, NO_NAMES)),
        );
      },
    ],
    [
      'filter',
      (args, named) => {
        positional('filter', 2, 2, args, named);
        const [test = null, source = null] = args;
        return makeIterator('filter', filtered(meter, test, iteratorOf(meter, source)));
      },
    ],
    [
      'zip',
      (args, named) => {
        const strict = named.get('strict') ?? false;
        if (named.size > (named.has('strict') ? 1 : 0))
          throw fail('TypeError', 'zip() got an unexpected keyword argument');
        return makeIterator('zip', zipped(meter, args, truth(strict)));
      },
    ],
    [
      'enumerate',
      (args, named) => {
        const [source = null, start = 0n] = bind('enumerate', ['iterable', 'start'], 1, args, named);
        return makeIterator('enumerate', enumerated(meter, iteratorOf(meter, source), indexOf(start)));
      },
    ],
    [
      'reversed',
      (args, named) => {
        positional('reversed', 1, 1, args, named);
        return reversed(meter, args[0] ?? null);
      },
    ],
  ];
}

type Iterators = readonly Extract<Py, { kind: 'iterator' }>[];

function* mapped(
  meter: Meter,
  iterators: Iterators,
  make: (items: Py[]) => Py,
): Generator<Py, void, undefined> {
  for (;;) {
    meter.spend(1);
    const items: Py[] = [];
    for (const iterator of iterators) {
      const item = iterator.next();
      if (item === undefined) return;
      items.push(item);
    }
    yield make(items);
  }
}

function* filtered(meter: Meter, test: Py, source: Iterators[number]): Generator<Py, void, undefined> {
  for (const item of iterate(meter, source)) {
    if (truth(test === null ? item : call(test, [item], NO_NAMES))) yield item;
  }
}

function zipped(meter: Meter, sources: readonly Py[], strict: boolean): Generator<Py, void, undefined> {
  const iterators = sources.map((source) => {
    if (!isIterable(source)) throw fail('TypeError', `'${typeName(source)}' object is not iterable`);
    return iteratorOf(meter, source);
  });
  return zipItems(meter, iterators, strict);
}

function* zipItems(meter: Meter, iterators: Iterators, strict: boolean): Generator<Py, void, undefined> {
  while (iterators.length > 0) {
    meter.spend(1);
    const items: Py[] = [];
    for (const [i, iterator] of iterators.entries()) {
      const item = iterator.next();
      if (item === undefined) {
        if (strict) assertAllEnded(iterators, i);
        return;
      }
      items.push(item);
    }
    yield tuple(items);
  }
}

function assertAllEnded(iterators: Iterators, place: number): void {
  const others = place === 1 ? ' 1' : `s 1-${place}`;
  if (place > 0) throw fail('ValueError', `zip() argument ${place + 1} is shorter than argument${others}`);
  const longer = iterators.findIndex((iterator, i) => i > 0 && iterator.next() !== undefined);
  if (longer > 0)
    throw fail(
      'ValueError',
      `zip() argument ${longer + 1} is longer than argument${longer === 1 ? ' 1' : `s 1-${longer}`}`,
    );
}

function* enumerated(meter: Meter, source: Iterators[number], start: bigint): Generator<Py, void, undefined> {
  let at = start;
  for (const item of iterate(meter, source)) yield tuple([at++, item]);
}

function reversed(meter: Meter, value: Py): Py {
  if (isKind(value, 'range')) {
    const length = rangeLength(value);
    const last = value.start + (length - 1n) * value.step;
    return iteratorOf(meter, {
      kind: 'range',
      start: last,
      stop: value.start - value.step,
      step: -value.step,
    });
  }
  if (!isIterable(value) || isSet(value) || isKind(value, 'iterator'))
    throw fail('TypeError', `'${typeName(value)}' object is not reversible`);
  return makeIterator('reversed', listOf(meter, value).reverse().values());
}
