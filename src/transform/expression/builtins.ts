/** What the translation knows of a value before it runs; `any`: nothing. */
export type StaticType = 'str' | 'int' | 'float' | 'bool' | 'none' | 'list' | 'any';

export interface Builtin {
  /** Names of the parameters in Python's order. */
  parameters: readonly string[];
  required: number;
  /** Parameters that Python takes by name. */
  named: readonly string[];
  /** The first argument is walked through, so map(), range(), d.keys() and generators may stand there. */
  consumes: boolean;
  /** The value is an iterator in Python: it may only stand where it is consumed. */
  iterator?: boolean;
  result: StaticType;
  /** Python source for the engine; an argument that was not given is null. */
  emit(args: readonly (string | null)[]): string;
}

const plain = (name: string) => (args: readonly (string | null)[]) =>
  `${name}(${args.filter((arg) => arg !== null).join(', ')})`;

function builtin(
  emit: Builtin['emit'],
  result: StaticType,
  parameters: string[],
  required: number,
  more: Partial<Builtin> = {},
): Builtin {
  return { emit, result, parameters, required, named: [], consumes: false, ...more };
}

const walk = { consumes: true } as const;
const iterator = { consumes: true, iterator: true } as const;

/** The functions an expression may call by name. `min`, `max`, `zip`, `range`, `isinstance`, `any`, `all`, `map` have rules of their own. */
export const BUILTINS: Readonly<Record<string, Builtin>> = {
  str: builtin(plain('_str'), 'str', ['object'], 0, { named: ['object'] }),
  int: builtin(
    ([x, base]) => (base == null ? `_int(${x ?? ''})` : `_int_base(${x}, ${base})`),
    'int',
    ['x', 'base'],
    0,
    {
      named: ['base'],
    },
  ),
  float: builtin(plain('_float'), 'float', ['x'], 0),
  bool: builtin(plain('bool'), 'bool', ['x'], 0),
  repr: builtin(plain('_repr'), 'str', ['x'], 1),
  len: builtin(plain('len'), 'int', ['x'], 1),
  abs: builtin(plain('_abs'), 'any', ['x'], 1),
  round: builtin(plain('_round'), 'any', ['number', 'ndigits'], 1, { named: ['number', 'ndigits'] }),
  divmod: builtin(plain('_divmod'), 'any', ['a', 'b'], 2),
  pow: builtin(plain('_pow'), 'any', ['base', 'exp'], 2, { named: ['base', 'exp'] }),
  ord: builtin(plain('ord'), 'int', ['c'], 1),
  chr: builtin(plain('_chr'), 'str', ['i'], 1),
  hex: builtin(([x]) => `_radix(${x}, hex)`, 'str', ['x'], 1),
  oct: builtin(([x]) => `_radix(${x}, oct)`, 'str', ['x'], 1),
  bin: builtin(([x]) => `_radix(${x}, bin)`, 'str', ['x'], 1),
  format: builtin(([x, spec]) => `_fmt(${x}, ${spec ?? "''"})`, 'str', ['value', 'spec'], 1),
  sum: builtin(plain('_sum'), 'any', ['iterable', 'start'], 1, { ...walk, named: ['start'] }),
  sorted: builtin(
    ([x, key, reverse]) => `_sorted(${x}, ${key ?? 'None'}, ${reverse ?? 'False'})`,
    'list',
    ['iterable', 'key', 'reverse'],
    1,
    { ...walk, named: ['key', 'reverse'] },
  ),
  list: builtin(plain('list'), 'list', ['iterable'], 0, walk),
  tuple: builtin(plain('tuple'), 'any', ['iterable'], 0, walk),
  set: builtin(plain('set'), 'any', ['iterable'], 0, walk),
  dict: builtin(plain('_dict'), 'any', ['iterable'], 0, walk),
  any: builtin(plain('any'), 'bool', ['iterable'], 1, walk),
  all: builtin(plain('all'), 'bool', ['iterable'], 1, walk),
  enumerate: builtin(plain('enumerate'), 'any', ['iterable', 'start'], 1, { ...iterator, named: ['start'] }),
  reversed: builtin(plain('_reversed'), 'any', ['sequence'], 1, { ...iterator, consumes: false }),
  filter: builtin(([f, x]) => `_filter(${f}, ${x})`, 'any', ['function', 'iterable'], 2, iterator),
};

/** Functions that may be passed on (`key=len`, `map(str, v)`), and what the engine is given for them. */
export const FUNCTION_VALUES: Readonly<Record<string, string>> = {
  str: '_str',
  int: '_int',
  float: '_float',
  bool: 'bool',
  repr: '_repr',
  len: 'len',
  abs: '_abs',
  round: '_round',
  ord: 'ord',
  chr: '_chr',
  sum: '_sum',
};

export const TYPE_NAMES: ReadonlySet<string> = new Set([
  'str',
  'int',
  'float',
  'bool',
  'list',
  'dict',
  'tuple',
  'set',
]);

export interface Method {
  /** null: passed to the engine as it is. */
  prelude: string | null;
  min: number;
  max: number;
  named?: readonly string[];
  result: StaticType;
  /** Argument 0 is walked through. */
  consumes?: boolean;
  view?: boolean;
  /** The prelude's function for a call without arguments. */
  bare?: string;
  /** Takes a start and an end after its first argument. */
  placed?: boolean;
}

const text = (min: number, max: number, named: readonly string[] = []): Method => ({
  prelude: null,
  min,
  max,
  named,
  result: 'str',
});
const test = (min = 0, max = 0): Method => ({ prelude: null, min, max, result: 'bool' });
const list = (max: number, named: readonly string[] = []): Method => ({
  prelude: null,
  min: 0,
  max,
  named,
  result: 'list',
});
const place = (max: number): Method => ({ prelude: null, min: 1, max, result: 'int' });

/** The methods an expression may call. None changes its object; none is answered otherwise than CPython answers. */
export const METHODS: Readonly<Record<string, Method>> = {
  strip: { ...text(0, 1), bare: '_strip' },
  lstrip: { ...text(0, 1), bare: '_lstrip' },
  rstrip: { ...text(0, 1), bare: '_rstrip' },
  upper: text(0, 0),
  lower: text(0, 0),
  swapcase: text(0, 0),
  title: { ...text(0, 0), prelude: '_title' },
  capitalize: { ...text(0, 0), prelude: '_capitalize' },
  replace: text(2, 3),
  removeprefix: text(1, 1),
  removesuffix: text(1, 1),
  center: { ...text(1, 2), prelude: '_center' },
  ljust: text(1, 2),
  rjust: text(1, 2),
  zfill: text(1, 1),
  join: { ...text(1, 1), prelude: '_join', consumes: true },
  split: { ...list(2, ['sep', 'maxsplit']), bare: '_split' },
  rsplit: list(2, ['sep', 'maxsplit']),
  splitlines: { ...list(0), prelude: '_splitlines' },
  partition: { ...text(1, 1), result: 'any' },
  rpartition: { ...text(1, 1), result: 'any' },
  startswith: { ...test(1, 3), placed: true },
  endswith: { ...test(1, 3), placed: true },
  find: { ...place(3), placed: true },
  rfind: { ...place(3), placed: true },
  index: { ...place(3), placed: true },
  rindex: { ...place(3), placed: true },
  count: { ...place(3), placed: true },
  isdigit: { ...test(), prelude: '_isdigit' },
  isdecimal: { ...test(), prelude: '_isdecimal' },
  isnumeric: { ...test(), prelude: '_isnumeric' },
  isalpha: { ...test(), prelude: '_isalpha' },
  isalnum: { ...test(), prelude: '_isalnum' },
  isspace: { ...test(), prelude: '_isspace' },
  isupper: test(),
  islower: test(),
  isascii: test(),
  isidentifier: { ...test(), prelude: '_isidentifier' },
  get: { prelude: '_get', min: 1, max: 2, result: 'any' },
  keys: { prelude: null, min: 0, max: 0, result: 'any', view: true },
  values: { prelude: null, min: 0, max: 0, result: 'any', view: true },
  items: { prelude: null, min: 0, max: 0, result: 'any', view: true },
};
