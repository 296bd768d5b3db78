import type { Method } from './arguments.ts';
import {
  BYTES_METHODS,
  DICT_METHODS,
  FLOAT_METHODS,
  INT_METHODS,
  LIST_METHODS,
  SET_METHODS,
  TUPLE_METHODS,
} from './container-methods.ts';
import {
  DATE_METHODS,
  DATETIME_METHODS,
  dateAttribute,
  TIME_METHODS,
  TIMEDELTA_METHODS,
  TIMEZONE_METHODS,
} from './date-methods.ts';
import { DECIMAL_METHODS } from './decimal-methods.ts';
import { fail } from './errors.ts';
import { makeDict } from './hash-key.ts';
import type { Meter } from './meter.ts';
import { MATCH_METHODS, PATTERN_METHODS } from './regex/module.ts';
import { programOf } from './regex/search.ts';
import { FORMAT_METHODS } from './str-format.ts';
import { TEXT_METHODS } from './text-methods.ts';
import {
  isKind,
  isObject,
  type Named,
  type Py,
  type PyObject,
  type PyTuple,
  type PyType,
  typeName,
} from './values.ts';
import { VIEW_METHODS } from './view-methods.ts';

type AnyMethod = Method<never>;
type Table = Readonly<Record<string, AnyMethod>>;

/** Methods by the name of their type; what is not here does not exist for an expression. */
const TABLES: Readonly<Record<string, Table>> = {
  str: { ...TEXT_METHODS, ...FORMAT_METHODS },
  int: INT_METHODS,
  float: FLOAT_METHODS,
  list: LIST_METHODS,
  tuple: TUPLE_METHODS,
  dict: DICT_METHODS,
  set: SET_METHODS,
  frozenset: SET_METHODS,
  bytes: BYTES_METHODS,
  decimal: DECIMAL_METHODS,
  date: DATE_METHODS,
  datetime: DATETIME_METHODS,
  time: TIME_METHODS,
  timedelta: TIMEDELTA_METHODS,
  timezone: TIMEZONE_METHODS,
  pattern: PATTERN_METHODS,
  match: MATCH_METHODS,
  view: VIEW_METHODS,
};

/** Attributes of values that are no methods. */
const PLAIN = [
  'year month day hour minute second microsecond tzinfo fold days seconds microseconds',
  'real imag numerator denominator start stop step',
  'pattern flags groups groupindex string re pos endpos lastindex lastgroup',
  'sign digits exponent',
]
  .join(' ')
  .split(' ');

/** Every attribute some value has: what may be written in an expression. */
export const VALUE_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...PLAIN,
  ...Object.values(TABLES).flatMap((table) => Object.keys(table)),
]);

function tableOf(value: Py): Table | undefined {
  switch (typeof value) {
    case 'string':
      return TABLES.str;
    case 'bigint':
    case 'boolean':
      return TABLES.int;
    case 'number':
      return TABLES.float;
    default:
      if (value === null) return undefined;
      if (isKind(value, 'view') && value.of === 'values') return undefined;
      return Array.isArray(value) ? TABLES.list : TABLES[value.kind];
  }
}

function methodIn(table: Table | undefined, name: string): AnyMethod | undefined {
  return table && Object.hasOwn(table, name) ? table[name] : undefined;
}

const TEXT_OF_BYTES = new Set(
  Object.keys(TEXT_METHODS).filter((name) => name !== 'encode' && !name.startsWith('case')),
);

/** What CPython has and Ivory has not is said so; what nobody has is an AttributeError. */
function missing(value: Py, name: string) {
  if (isKind(value, 'bytes') && TEXT_OF_BYTES.has(name))
    return fail('NotImplementedError', `.${name}() of bytes is not supported here; .decode() it first`);
  if (isObject(value) && value.kind === 'type')
    return fail('AttributeError', `type object '${value.name}' has no attribute '${name}'`);
  return fail('AttributeError', `'${typeName(value)}' object has no attribute '${name}'`);
}

/** object.name(args). Throws AttributeError. */
export function callMethod(meter: Meter, object: Py, name: string, args: readonly Py[], named: Named): Py {
  const method = methodIn(tableOf(object), name);
  if (method) return method(meter, object as never, args, named);
  return call(attribute(meter, object, name), args, named);
}

/** Calls what can be called. Throws TypeError. */
export function call(value: Py, args: readonly Py[], named: Named): Py {
  if (isObject(value) && (value.kind === 'function' || value.kind === 'type')) return value.call(args, named);
  throw fail('TypeError', `'${typeName(value)}' object is not callable`);
}

/** object.name. Throws AttributeError. */
export function attribute(meter: Meter, object: Py, name: string): Py {
  const plain = plainAttribute(meter, object, name);
  if (plain !== undefined) return plain;
  const method = methodIn(tableOf(object), name);
  if (!method) throw missing(object, name);
  return bound(name, (args, named) => method(meter, object as never, args, named));
}

function bound(name: string, run: (args: readonly Py[], named: Named) => Py): Py {
  return { kind: 'function', name, lambda: false, call: run };
}

function plainAttribute(meter: Meter, object: Py, name: string): Py | undefined {
  if (typeof object === 'bigint' || typeof object === 'boolean') {
    if (name === 'real' || name === 'numerator') return BigInt(object);
    return name === 'imag' ? 0n : name === 'denominator' ? 1n : undefined;
  }
  if (typeof object === 'number') return name === 'real' ? object : name === 'imag' ? 0 : undefined;
  return isObject(object) ? objectAttribute(meter, object, name) : undefined;
}

function objectAttribute(meter: Meter, object: PyObject, name: string): Py | undefined {
  switch (object.kind) {
    case 'date':
    case 'datetime':
    case 'time':
    case 'timedelta':
      return dateAttribute(object, name);
    case 'decimal':
      if (name === 'real') return object;
      return name === 'imag'
        ? { kind: 'decimal', negative: false, coefficient: 0n, exponent: 0, special: '' }
        : undefined;
    case 'tuple':
      return fieldOf(object, name);
    case 'module':
      return object.members.get(name) ?? noMember(object.name, name);
    case 'type':
      return object.statics.get(name) ?? unbound(meter, object, name);
    case 'range':
      return name === 'start' || name === 'stop' || name === 'step' ? object[name] : undefined;
    case 'pattern':
      return patternAttribute(meter, object, name);
    case 'match':
      return matchAttribute(object, name);
    default:
      return undefined;
  }
}

function fieldOf({ items, fields }: PyTuple, name: string): Py | undefined {
  const place = fields?.names.indexOf(name) ?? -1;
  return place < 0 ? undefined : items[place];
}

function noMember(module: string, name: string): never {
  throw fail('AttributeError', `module '${module}' has no attribute '${name}'`);
}

/** str.upper: the method, its object to be given first. */
function unbound(meter: Meter, type: PyType, name: string): Py | undefined {
  if (name === '__name__') return type.name.replace(/^.*\./, '');
  const method = methodIn(TABLES[type.name.replace(/^(?:decimal|datetime)\./, '').toLowerCase()], name);
  if (!method) return undefined;
  return bound(name, ([self, ...args], named) => {
    if (self === undefined)
      throw fail('TypeError', `unbound method ${type.name}.${name}() needs an argument`);
    if (!type.has(self)) {
      throw fail(
        'TypeError',
        `descriptor '${name}' for '${type.name}' objects doesn't apply to a '${typeName(self)}' object`,
      );
    }
    return method(meter, self as never, args, named);
  });
}

type Pattern = Extract<Py, { kind: 'pattern' }>;
type Match = Extract<Py, { kind: 'match' }>;

function patternAttribute(meter: Meter, pattern: Pattern, name: string): Py | undefined {
  const { groups, names } = programOf(pattern);
  if (name === 'pattern') return pattern.source;
  if (name === 'flags') return BigInt(pattern.flags);
  if (name === 'groups') return BigInt(groups);
  return name === 'groupindex'
    ? makeDict(
        meter,
        Array.from(names, ([key, at]): [Py, Py] => [key, BigInt(at)]),
      )
    : undefined;
}

function matchAttribute(match: Match, name: string): Py | undefined {
  if (name === 'string') return match.text.join('');
  if (name === 're') return match.pattern;
  if (name === 'pos' || name === 'endpos') return BigInt(match[name]);
  if (name === 'lastindex') return match.last === 0 ? null : BigInt(match.last);
  if (name !== 'lastgroup') return undefined;
  return [...match.names].find(([, group]) => group === match.last)?.[0] ?? null;
}
