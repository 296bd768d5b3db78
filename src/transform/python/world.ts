import { fail } from './errors.ts';
import { builtinFunctions, fn } from './functions.ts';
import type { Meter } from './meter.ts';
import { createModules } from './modules.ts';
import { builtinTypes, makeType } from './types.ts';
import { isKind, type Py, type PyModule, type PyType } from './values.ts';

/** Everything an expression can name. */
export interface World {
  meter: Meter;
  /** As CPython's eval with empty globals finds them. */
  builtins: ReadonlyMap<string, Py>;
  /** What Ivory adds: names that are a NameError in the documented eval. */
  extensions: ReadonlyMap<string, Py>;
  modules: ReadonlyMap<string, PyModule>;
}

export function createWorld(meter: Meter): World {
  const modules = createModules(meter);
  const types = builtinTypes(meter);
  const typed = types.map((type): [string, Py] => [type.name, type]);
  const functions = builtinFunctions(meter).map(([name, run]): [string, Py] => [name, fn(name, run)]);
  const dates = modules.get('datetime')?.members ?? new Map();
  const known = [
    ...types,
    ...[...dates.values(), ...(modules.get('decimal')?.members.values() ?? [])].filter((value) =>
      isKind(value, 'type'),
    ),
  ];
  return {
    meter,
    builtins: new Map([...typed, ...functions, ['type', typeType(known)]]),
    extensions: new Map<string, Py>([
      ...['re', 'math', 'json', 'decimal'].map((name): [string, Py] => [name, modules.get(name) ?? null]),
      ...['datetime', 'date', 'time', 'timedelta', 'timezone'].map((name): [string, Py] => [
        name,
        dates.get(name) ?? null,
      ]),
      ['Decimal', modules.get('decimal')?.members.get('Decimal') ?? null],
      ...[
        'ROUND_HALF_UP',
        'ROUND_HALF_EVEN',
        'ROUND_DOWN',
        'ROUND_UP',
        'ROUND_FLOOR',
        'ROUND_CEILING',
        'ROUND_HALF_DOWN',
      ].map((name): [string, Py] => [name, name]),
    ]),
    modules,
  };
}

/** type(value). The types of other values than these have no name an expression could compare with. */
function typeType(known: readonly PyType[]): PyType {
  const none = makeType(
    'NoneType',
    (value) => value === null,
    () => null,
  );
  const ordered = [
    none,
    ...known.filter(({ name }) => name === 'bool' || name === 'datetime.datetime'),
    ...known,
  ];
  return makeType(
    'type',
    (value) => isKind(value, 'type'),
    ([value = null]) => {
      const found = ordered.find((type) => type.name !== 'object' && type.has(value));
      if (!found) throw fail('NotImplementedError', 'type() of this value is not supported here');
      return found;
    },
  );
}
