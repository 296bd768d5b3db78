import { bind, positional } from './arguments.ts';
import { toFloat, toInt, toIntOfBase } from './convert.ts';
import { fail } from './errors.ts';
import { fn } from './functions.ts';
import { makeDict, makeSet, setItem } from './hash-key.ts';
import { intFromBytes } from './int-bytes.ts';
import { isIterable, iterate, listOf, truth } from './iterate.ts';
import { iteratorTypes } from './iterator-types.ts';
import type { Meter } from './meter.ts';
import { bytesFromHex, makeBytes, makeTable, makeText } from './text-types.ts';
import {
  type Call,
  indexOf,
  isInt,
  isKind,
  isMapping,
  isSet,
  type Named,
  type Py,
  type PyType,
  tuple,
} from './values.ts';

type Statics = readonly (readonly [string, Py])[];

export function makeType(
  name: string,
  has: (value: Py) => boolean,
  call: Call,
  statics: Statics = [],
): PyType {
  return { kind: 'type', name, has, call, statics: new Map(statics) };
}

/** str, int, list and the other built-in types. */
export function builtinTypes(meter: Meter): PyType[] {
  return [
    makeType(
      'str',
      (value) => typeof value === 'string',
      (args, named) => makeText(meter, args, named),
      [['maketrans', fn('maketrans', (args) => makeTable(meter, args))]],
    ),
    makeType('int', isInt, (args, named) => makeInt(meter, args, named), [
      ['from_bytes', fn('from_bytes', (args, named) => intFromBytes(meter, args, named))],
    ]),
    makeType(
      'float',
      (value) => typeof value === 'number',
      (args, named) => {
        positional('float', 0, 1, args, named);
        return toFloat(meter, args[0] ?? (args.length === 0 ? 0 : null));
      },
    ),
    makeType(
      'bool',
      (value) => typeof value === 'boolean',
      (args, named) => {
        positional('bool', 0, 1, args, named);
        return truth(args[0] ?? null);
      },
    ),
    makeType('list', Array.isArray, (args, named) => {
      positional('list', 0, 1, args, named);
      return args[0] === undefined ? [] : listOf(meter, args[0]);
    }),
    makeType(
      'tuple',
      (value) => isKind(value, 'tuple'),
      (args, named) => {
        positional('tuple', 0, 1, args, named);
        if (isKind(args[0], 'tuple')) return args[0];
        return tuple(args[0] === undefined ? [] : listOf(meter, args[0]));
      },
    ),
    setType(meter, 'set'),
    setType(meter, 'frozenset'),
    makeType('dict', isMapping, (args, named) => makeDictFrom(meter, args, named), [
      [
        'fromkeys',
        fn('fromkeys', ([keys = null, value = null]) =>
          makeDict(
            meter,
            listOf(meter, keys).map((key): [Py, Py] => [key, value]),
          ),
        ),
      ],
    ]),
    makeType(
      'bytes',
      (value) => isKind(value, 'bytes'),
      (args, named) => makeBytes(meter, args, named),
      [['fromhex', fn('fromhex', ([text = null]) => bytesFromHex(text))]],
    ),
    makeType(
      'range',
      (value) => isKind(value, 'range'),
      (args, named) => makeRange(args, named),
    ),
    makeType(
      'object',
      () => true,
      () => {
        throw fail('TypeError', 'object() makes nothing here');
      },
    ),
    ...iteratorTypes(meter).map(([name, make]) =>
      makeType(name, (value) => isKind(value, 'iterator') && value.name === name, make),
    ),
  ];
}

function makeInt(meter: Meter, args: readonly Py[], named: Named): bigint {
  const [value, base] = bind('int', ['/x', 'base'], 0, args, named);
  if (base !== undefined) {
    if (value === undefined) throw fail('TypeError', 'int() missing string argument');
    return toIntOfBase(meter, value, base);
  }
  return value === undefined ? 0n : toInt(meter, value);
}

function setType(meter: Meter, name: 'set' | 'frozenset'): PyType {
  return makeType(
    name,
    (value) => isSet(value) && value.kind === name,
    (args, named) => {
      positional(name, 0, 1, args, named);
      return makeSet(meter, args[0] === undefined ? [] : iterate(meter, args[0]), name);
    },
  );
}

function makeDictFrom(meter: Meter, args: readonly Py[], named: Named): Py {
  if (args.length > 1) throw fail('TypeError', `dict expected at most 1 argument, got ${args.length}`);
  const [source] = args;
  const dict = makeDict(
    meter,
    source === undefined ? [] : isMapping(source) ? source.entries.values() : pairsOf(meter, source),
  );
  for (const [name, value] of named) setItem(meter, dict, name, value);
  return dict;
}

function* pairsOf(meter: Meter, source: Py): Generator<[Py, Py], void, undefined> {
  let place = 0;
  for (const item of iterate(meter, source)) {
    if (!isIterable(item))
      throw fail('TypeError', `cannot convert dictionary update sequence element #${place} to a sequence`);
    const pair = listOf(meter, item);
    const [key, value] = pair;
    if (pair.length !== 2 || key === undefined || value === undefined)
      throw fail(
        'ValueError',
        `dictionary update sequence element #${place} has length ${pair.length}; 2 is required`,
      );
    yield [key, value];
    place++;
  }
}

function makeRange(args: readonly Py[], named: Named): Py {
  positional('range', 1, 3, args, named);
  const [first = 0n, second, third] = args.map(indexOf);
  if (third === 0n) throw fail('ValueError', 'range() arg 3 must not be zero');
  return second === undefined
    ? { kind: 'range', start: 0n, stop: first, step: 1n }
    : { kind: 'range', start: first, stop: second, step: third ?? 1n };
}
