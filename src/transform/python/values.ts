import { fail } from './errors.ts';

/**
 * A Python value while an expression runs. None: null, bool: boolean, int: bigint, float: number, str: string (UTF-16, never a lone surrogate),
 * list: array; everything else is tagged by `kind`, so no JavaScript object or prototype is within an expression's reach.
 */
export type Py = null | boolean | bigint | number | string | Py[] | PyObject;

export type PyObject =
  | PyTuple
  | PyDict
  | PySet
  | PyBytes
  | PyRange
  | PyIterator
  | PyView
  | PyFunction
  | PyType
  | PyModule
  | PyDecimal
  | PyDate
  | PyDateTime
  | PyTime
  | PyTimedelta
  | PyTimezone
  | PyPattern
  | PyMatch;

export interface PyTuple {
  kind: 'tuple';
  items: readonly Py[];
  /** Of a named tuple. */
  fields?: { type: string; names: readonly string[] };
}
export interface PyDict {
  kind: 'dict';
  /** by hashKey */
  entries: Map<unknown, [key: Py, value: Py]>;
}
export interface PySet {
  kind: 'set' | 'frozenset';
  /** by hashKey */
  items: Map<unknown, Py>;
}
export interface PyBytes {
  kind: 'bytes';
  bytes: Uint8Array;
}
export interface PyRange {
  kind: 'range';
  start: bigint;
  stop: bigint;
  step: bigint;
}
/** undefined: exhausted. */
export interface PyIterator {
  kind: 'iterator';
  /** as type() names it: generator, map, zip */
  name: string;
  next(): Py | undefined;
}
export interface PyView {
  kind: 'view';
  of: 'keys' | 'values' | 'items';
  dict: PyDict;
}
export type Named = ReadonlyMap<string, Py>;
export type Call = (args: readonly Py[], named: Named) => Py;
export interface PyFunction {
  kind: 'function';
  name: string;
  /** lambdas are `function`, the others `builtin_function_or_method` */
  lambda: boolean;
  call: Call;
}
export interface PyType {
  kind: 'type';
  name: string;
  call: Call;
  /** Python's `isinstance` for this type. */
  has(value: Py): boolean;
  /** Constants, class methods: `Decimal.from_float`, `date.min`. */
  statics: ReadonlyMap<string, Py>;
}
export interface PyModule {
  kind: 'module';
  name: string;
  members: ReadonlyMap<string, Py>;
}
/** sign * coefficient * 10^exponent; `special`: NaN and infinities. */
export interface PyDecimal {
  kind: 'decimal';
  negative: boolean;
  coefficient: bigint;
  exponent: number;
  special: '' | 'inf' | 'nan' | 'snan';
}
/** Days since 0001-01-01, which is 0. */
export interface PyDate {
  kind: 'date';
  days: number;
}
export interface PyDateTime {
  kind: 'datetime';
  days: number;
  /** Microseconds of the day, on the clock of `zone`. */
  microseconds: number;
  zone: PyTimezone | null;
}
export interface PyTime {
  kind: 'time';
  microseconds: number;
  zone: PyTimezone | null;
}
export interface PyTimedelta {
  kind: 'timedelta';
  microseconds: bigint;
}
export interface PyTimezone {
  kind: 'timezone';
  /** East of UTC, microseconds. */
  offset: bigint;
  name: string | null;
}
export interface PyPattern {
  kind: 'pattern';
  source: string;
  flags: number;
  program: unknown;
}
export interface PyMatch {
  kind: 'match';
  pattern: PyPattern;
  text: readonly string[];
  /** start and end of each group by number, -1 where it took no part; group 0 is the whole */
  spans: readonly number[];
  /** the group that ended last, 0 where none did */
  last: number;
  names: ReadonlyMap<string, number>;
  pos: number;
  endpos: number;
}

export function tuple(items: readonly Py[]): PyTuple {
  return { kind: 'tuple', items };
}

export function bytesOf(bytes: Uint8Array): PyBytes {
  return { kind: 'bytes', bytes };
}

export function isInt(value: Py): value is bigint | boolean {
  return typeof value === 'bigint' || typeof value === 'boolean';
}

export function isNumber(value: Py): value is bigint | boolean | number {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean';
}

export function isObject(value: Py): value is PyObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isKind<K extends PyObject['kind']>(
  value: Py | undefined,
  kind: K,
): value is Extract<PyObject, { kind: K }> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && value.kind === kind;
}

export function isSet(value: Py | undefined): value is PySet {
  return isKind(value, 'set') || isKind(value, 'frozenset');
}

export function isMapping(value: Py | undefined): value is PyDict {
  return isKind(value, 'dict');
}

/** An int or a bool as a bigint. */
export function whole(value: bigint | boolean): bigint {
  return typeof value === 'bigint' ? value : value ? 1n : 0n;
}

/** What Python's __index__ gives. Throws TypeError. */
export function indexOf(value: Py): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  throw fail('TypeError', `'${typeName(value)}' object cannot be interpreted as an integer`);
}

/** An index or count as a JavaScript number. Throws TypeError, OverflowError. */
export function smallIndex(value: Py): number {
  const index = indexOf(value);
  if (index >= 2n ** 63n || index < -(2n ** 63n))
    throw fail('OverflowError', 'Python int too large to convert to C ssize_t');
  return Number(index);
}

const KIND_NAMES: Partial<Record<PyObject['kind'], string>> = {
  function: 'builtin_function_or_method',
  decimal: 'decimal.Decimal',
  date: 'datetime.date',
  datetime: 'datetime.datetime',
  time: 'datetime.time',
  timedelta: 'datetime.timedelta',
  timezone: 'datetime.timezone',
  pattern: 're.Pattern',
  match: 're.Match',
};

/** The type's name as CPython's messages say it. */
export function typeName(value: Py): string {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'float';
    case 'string':
      return 'str';
    default:
      if (value === null) return 'NoneType';
      if (Array.isArray(value)) return 'list';
      if (value.kind === 'iterator') return value.name;
      if (value.kind === 'tuple') return value.fields?.type ?? 'tuple';
      if (value.kind === 'view') return `dict_${value.of}`;
      if (value.kind === 'function' && value.lambda) return 'function';
      return KIND_NAMES[value.kind] ?? value.kind;
  }
}
