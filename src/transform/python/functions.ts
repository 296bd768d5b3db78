import { bind, NO_NAMES, positional } from './arguments.ts';
import { divmod } from './arithmetic.ts';
import { call } from './attributes.ts';
import { fail } from './errors.ts';
import { formatValue } from './format-value.ts';
import { iteratorOf, lengthOf, listOf } from './iterate.ts';
import type { Meter } from './meter.ts';
import { chr, modularPower, ord, radix } from './number-functions.ts';
import { arithmetic } from './operators.ts';
import type { Ordering } from './order.ts';
import { asciiText } from './percent-format.ts';
import { reprOf } from './repr.ts';
import { absolute, round } from './rounding.ts';
import { allOf, anyOf, best, type Key, sortItems, sumOf } from './sorting.ts';
import { indexOf, isKind, isObject, type Named, type Py, type PyFunction, typeName } from './values.ts';

export type Run = (args: readonly Py[], named: Named) => Py;

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

export function fn(name: string, run: Run): PyFunction {
  return { kind: 'function', name, lambda: false, call: run };
}
