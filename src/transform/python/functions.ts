import { bind, NO_NAMES, positional } from './arguments.ts';
import { divmod, tooManyDigits } from './arithmetic.ts';
import { call } from './attributes.ts';
import { floorDivide } from './calendar.ts';
import { absolute, round } from './convert.ts';
import { rangeLength } from './equality.ts';
import { fail } from './errors.ts';
import { characterOf } from './format-number.ts';
import { formatValue } from './format-value.ts';
import { isIterable, iterate, iteratorOf, lengthOf, listOf, makeIterator, truth } from './iterate.ts';
import type { Meter } from './meter.ts';
import { arithmetic } from './operators.ts';
import type { Ordering } from './order.ts';
import { asciiText } from './percent-format.ts';
import { reprOf } from './repr.ts';
import { allOf, anyOf, best, type Key, sortItems, sumOf } from './sorting.ts';
import {
  indexOf,
  isInt,
  isKind,
  isObject,
  isSet,
  type Named,
  type Py,
  type PyFunction,
  tuple,
  typeName,
  whole,
} from './values.ts';

type Run = (args: readonly Py[], named: Named) => Py;

/** Python's built-in functions (types stand in types.ts). */
export function builtinFunctions(meter: Meter): [string, Run][] {
  const one = (name: string, run: (value: Py) => Py): [string, Run] => [
    name,
    (args, named) => {
      positional(name, 1, 1, args, named);
      return run(args[0] ?? null);
    },
  ];
  return [
    one('len', lengthOf),
    one('abs', absolute),
    one('repr', (value) => reprOf(meter, value)),
    one('ascii', (value) => asciiText(meter, value)),
    one('any', (value) => anyOf(meter, value)),
    one('all', (value) => allOf(meter, value)),
    one('chr', chr),
    one('ord', ord),
    one('hex', (value) => radix(value, 16, '0x')),
    one('oct', (value) => radix(value, 8, '0o')),
    one('bin', (value) => radix(value, 2, '0b')),
    one('iter', (value) => iteratorOf(meter, value)),
    one('callable', (value) => isObject(value) && (value.kind === 'function' || value.kind === 'type')),
    [
      'round',
      (args, named) => {
        const [number = null, digits = null] = bind('round', ['number', 'ndigits'], 1, args, named);
        return round(number, digits);
      },
    ],
    [
      'divmod',
      (args, named) => {
        positional('divmod', 2, 2, args, named);
        return divmod(meter, args[0] ?? null, args[1] ?? null);
      },
    ],
    [
      'pow',
      (args, named) => {
        const [base = null, exponent = null, modulus = null] = bind(
          'pow',
          ['base', 'exp', 'mod'],
          2,
          args,
          named,
        );
        return modulus === null
          ? arithmetic(meter, '**', base, exponent)
          : modularPower(meter, base, exponent, modulus);
      },
    ],
    [
      'format',
      (args, named) => {
        positional('format', 1, 2, args, named);
        const [value = null, spec = ''] = args;
        if (typeof spec !== 'string')
          throw fail('TypeError', `format() argument 2 must be str, not ${typeName(spec)}`);
        return formatValue(meter, value, spec);
      },
    ],
    [
      'sum',
      (args, named) => {
        const [items = null, start = 0n] = bind('sum', ['/iterable', 'start'], 1, args, named);
        return sumOf(meter, items, start);
      },
    ],
    ['sorted', (args, named) => sorted(meter, args, named)],
    ['min', (args, named) => extreme(meter, 'min', '<', args, named)],
    ['max', (args, named) => extreme(meter, 'max', '>', args, named)],
    ['next', (args, named) => next(args, named)],
    [
      'isinstance',
      (args, named) => {
        positional('isinstance', 2, 2, args, named);
        return isInstance(args[0] ?? null, args[1] ?? null);
      },
    ],
    [
      'hash',
      () => {
        throw fail('NotImplementedError', 'hash() is not supported here');
      },
    ],
  ];
}

function chr(value: Py): string {
  const code = indexOf(value);
  if (code >= 2n ** 31n || code < -(2n ** 31n))
    throw fail('OverflowError', 'Python int too large to convert to C int');
  if (code < 0n || code > 0x10ffffn) throw fail('ValueError', 'chr() arg not in range(0x110000)');
  return characterOf(code, '');
}

function ord(value: Py): bigint {
  if (isKind(value, 'bytes') && value.bytes.length === 1) return BigInt(value.bytes[0] ?? 0);
  if (typeof value !== 'string')
    throw fail('TypeError', `ord() expected string of length 1, but ${typeName(value)} found`);
  const chars = [...value];
  if (chars.length !== 1)
    throw fail('TypeError', `ord() expected a character, but string of length ${chars.length} found`);
  return BigInt(value.codePointAt(0) ?? 0);
}

function radix(value: Py, base: number, prefix: string): string {
  const n = indexOf(value);
  return `${n < 0n ? '-' : ''}${prefix}${(n < 0n ? -n : n).toString(base)}`;
}

function modularPower(meter: Meter, base: Py, exponent: Py, modulus: Py): Py {
  if ([base, exponent, modulus].some((value) => isKind(value, 'decimal')))
    throw fail('NotImplementedError', 'pow() of a Decimal with a modulus is not supported here');
  if (!isInt(base) || !isInt(exponent) || !isInt(modulus))
    throw fail('TypeError', 'pow() 3rd argument not allowed unless all arguments are integers');
  const [m, e] = [whole(modulus), whole(exponent)];
  if (m === 0n) throw fail('ValueError', 'pow() 3rd argument cannot be 0');
  if (e < 0n)
    throw fail('NotImplementedError', 'pow() with a negative exponent and a modulus is not supported here');
  if (e > 2n ** 512n || m > 2n ** 4096n || -m > 2n ** 4096n) throw tooManyDigits();
  const mod = (x: bigint) => x - floorDivide(x, m) * m;
  let [result, factor, left] = [mod(1n), mod(whole(base)), e];
  for (; left > 0n; left >>= 1n) {
    meter.spend(20);
    if (left & 1n) result = mod(result * factor);
    factor = mod(factor * factor);
  }
  return result;
}

/** A function given as key=; None is none. */
export function keyOf(value: Py | undefined): Key {
  if (value === undefined || value === null) return null;
  return (item) => call(value, [item], NO_NAMES);
}

function sorted(meter: Meter, args: readonly Py[], named: Named): Py {
  positional('sorted', 1, 1, args, NO_NAMES);
  for (const name of named.keys()) {
    if (name !== 'key' && name !== 'reverse')
      throw fail('TypeError', `sort() got an unexpected keyword argument '${name}'`);
  }
  const reverse = named.get('reverse');
  const down = reverse !== undefined && intFlag(reverse);
  return sortItems(meter, listOf(meter, args[0] ?? null), keyOf(named.get('key')), down);
}

function intFlag(value: Py): boolean {
  const flag = indexOf(value);
  if (flag >= 2n ** 31n || flag < -(2n ** 31n))
    throw fail('OverflowError', 'Python int too large to convert to C int');
  return flag !== 0n;
}

function extreme(meter: Meter, name: 'min' | 'max', op: Ordering, args: readonly Py[], named: Named): Py {
  for (const given of named.keys()) {
    if (given !== 'key' && given !== 'default')
      throw fail('TypeError', `${name}() got an unexpected keyword argument '${given}'`);
  }
  if (args.length === 0) throw fail('TypeError', `${name} expected at least 1 argument, got 0`);
  if (args.length > 1 && named.has('default'))
    throw fail('TypeError', `Cannot specify a default for ${name}() with multiple positional arguments`);
  const items = args.length > 1 ? args : listOf(meter, args[0] ?? null);
  const found = best(meter, items, keyOf(named.get('key')), op);
  if (found !== undefined) return found;
  const fallback = named.get('default');
  if (fallback === undefined) throw fail('ValueError', `${name}() arg is an empty sequence`);
  return fallback;
}

function next(args: readonly Py[], named: Named): Py {
  positional('next', 1, 2, args, named);
  const [iterator = null, fallback] = args;
  if (!isKind(iterator, 'iterator'))
    throw fail('TypeError', `'${typeName(iterator)}' object is not an iterator`);
  const item = iterator.next();
  if (item !== undefined) return item;
  if (fallback === undefined) throw fail('StopIteration', '');
  return fallback;
}

export function isInstance(value: Py, types: Py): boolean {
  if (isKind(types, 'type')) return types.has(value);
  if (isKind(types, 'tuple')) return types.items.some((type) => isInstance(value, type));
  throw fail('TypeError', 'isinstance() arg 2 must be a type, a tuple of types, or a union');
}

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

export function fn(name: string, run: Run): PyFunction {
  return { kind: 'function', name, lambda: false, call: run };
}
