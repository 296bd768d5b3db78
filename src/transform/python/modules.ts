import { bind, NO_NAMES } from './arguments.ts';
import { call } from './attributes.ts';
import { UTC } from './calendar.ts';
import { decodeBytes } from './codecs.ts';
import { dateTypes } from './date-types.ts';
import { decimalOf, decimalOfFloat, parsePyDecimal } from './decimal.ts';
import { invalid } from './decimal-arithmetic.ts';
import { ROUNDINGS } from './decimal-methods.ts';
import { decimalOfTuple } from './decimal-tuple.ts';
import { fail } from './errors.ts';
import { fn } from './functions.ts';
import { listOf, truth } from './iterate.ts';
import { type DumpOptions, dumpJson, loadJson } from './json.ts';
import { MATH_CONSTANTS, mathFunctions } from './math-module.ts';
import type { Meter } from './meter.ts';
import { RE_FLAGS, reFunctions } from './regex/module.ts';
import { makeType } from './types.ts';
import { asciiDigits, stripSpace } from './unicode-text.ts';
import {
  isInt,
  isKind,
  type Named,
  type Py,
  type PyModule,
  type PyType,
  smallIndex,
  typeName,
  whole,
} from './values.ts';

/** The modules an expression may use, by name. */
export function createModules(meter: Meter): ReadonlyMap<string, PyModule> {
  const dates = dateTypes(meter).map((type): [string, Py] => [type.name.replace('datetime.', ''), type]);
  return new Map(
    [
      moduleOf('re', [...functions(reFunctions(meter)), ...RE_FLAGS]),
      moduleOf('math', [...functions(mathFunctions(meter)), ...MATH_CONSTANTS]),
      moduleOf(
        'json',
        functions([
          ['loads', (args, named) => loads(meter, args, named)],
          ['dumps', (args, named) => dumps(meter, args, named)],
        ]),
      ),
      moduleOf('datetime', [...dates, ['UTC', UTC], ['MINYEAR', 1n], ['MAXYEAR', 9999n]]),
      moduleOf('decimal', [
        ['Decimal', decimalType(meter)],
        ...ROUNDINGS.map((name): [string, Py] => [name, name]),
      ]),
    ].map((module) => [module.name, module]),
  );
}

type Run = (args: readonly Py[], named: Named) => Py;

function functions(runs: readonly [string, Run][]): [string, Py][] {
  return runs.map(([name, run]) => [name, fn(name, run)]);
}

function moduleOf(name: string, members: readonly (readonly [string, Py])[]): PyModule {
  return { kind: 'module', name, members: new Map(members) };
}

const HOOKS = ['cls', 'object_hook', 'parse_float', 'parse_int', 'parse_constant', 'object_pairs_hook'];

function loads(meter: Meter, args: readonly Py[], named: Named): Py {
  const [value = null, ...hooks] = bind('loads', ['s', ...HOOKS], 1, args.slice(0, 1), named);
  if (args.length > 1) throw fail('TypeError', 'loads() takes 1 positional argument');
  const hook = hooks.findIndex((given) => given !== undefined && given !== null);
  if (hook >= 0) throw fail('NotImplementedError', `json.loads(${HOOKS[hook]}=) is not supported here`);
  if (typeof value === 'string') return loadJson(meter, value);
  if (isKind(value, 'bytes')) return loadJson(meter, decodeBytes(meter, value.bytes, 'utf-8', 'strict'));
  throw fail(
    'TypeError',
    `the JSON object must be str, bytes or bytearray, not ${typeName(value).replace(/^.*\./, '')}`,
  );
}

const DUMP_NAMES = [
  'obj',
  'skipkeys',
  'ensure_ascii',
  'check_circular',
  'allow_nan',
  'cls',
  'indent',
  'separators',
  'default',
  'sort_keys',
];

function dumps(meter: Meter, args: readonly Py[], named: Named): Py {
  const [
    value = null,
    skip = false,
    ascii = true,
    ,
    allowNan = true,
    cls = null,
    indent = null,
    separators = null,
    otherwise = null,
    sort = false,
  ] = bind('dumps', DUMP_NAMES, 1, args.slice(0, 1), named);
  if (args.length > 1)
    throw fail('TypeError', `dumps() takes 1 positional argument but ${args.length} were given`);
  if (truth(skip) || cls !== null)
    throw fail('NotImplementedError', 'json.dumps(skipkeys=, cls=) is not supported here');
  const marks = separators === null ? [indent === null ? ', ' : ',', ': '] : marksOf(meter, separators);
  const options: DumpOptions = {
    ascii: truth(ascii),
    sortKeys: truth(sort),
    indent: indentText(indent),
    itemMark: String(marks[0]),
    keyMark: String(marks[1]),
    allowNan: truth(allowNan),
    otherwise: otherwise === null ? null : (item) => call(otherwise, [item], NO_NAMES),
  };
  return dumpJson(meter, value, options);
}

/** Two texts. The C encoder asks for str, the one in Python only where it joins them. */
function marksOf(meter: Meter, separators: Py): Py[] {
  const marks = listOf(meter, separators);
  if (marks.length !== 2)
    throw fail('ValueError', `${marks.length < 2 ? 'not enough' : 'too many'} values to unpack (expected 2)`);
  const other = marks.find((mark) => typeof mark !== 'string');
  if (other !== undefined)
    throw fail('NotImplementedError', 'separators= that are not str are not supported here');
  return marks;
}

function indentText(indent: Py): string | null {
  if (indent === null || typeof indent === 'string') return indent;
  if (!isInt(indent)) throw fail('NotImplementedError', 'indent= takes an int, a str or None here');
  const count = smallIndex(indent);
  if (count > 100) throw fail('ValueError', 'an indent of more than 100');
  return ' '.repeat(Math.max(count, 0));
}

function decimalType(meter: Meter): PyType {
  return makeType(
    'decimal.Decimal',
    (value) => isKind(value, 'decimal'),
    (args, named) => {
      const [value = '0'] = bind('Decimal', ['value', 'context'], 0, args, named);
      return makeDecimal(meter, value);
    },
    [
      [
        'from_float',
        fn('from_float', ([value = null]) => {
          if (typeof value === 'number') return decimalOfFloat(value);
          if (isInt(value)) return decimalOf(whole(value));
          throw fail('TypeError', 'argument must be int or float');
        }),
      ],
    ],
  );
}

function makeDecimal(meter: Meter, value: Py): Py {
  if (isKind(value, 'decimal')) return value;
  if (isInt(value)) return decimalOf(whole(value));
  if (typeof value === 'number') return decimalOfFloat(value);
  if (isKind(value, 'tuple') || Array.isArray(value))
    return decimalOfTuple(Array.isArray(value) ? value : value.items);
  if (typeof value !== 'string')
    throw fail('TypeError', `conversion from ${typeName(value)} to Decimal is not supported`);
  meter.spend(value.length >> 3);
  if (value.length > 10_000) throw fail('OverflowError', 'a Decimal of more than 10000 digits');
  const digits = asciiDigits(stripSpace(value, 0)).replaceAll('_', '');
  const found = parsePyDecimal(digits);
  if (!found) throw invalid('ConversionSyntax');
  return found;
}
