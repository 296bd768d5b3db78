import { bind, type Methods, positional } from './arguments.ts';
import { ratioOf } from './arithmetic.ts';
import { decodeBytes } from './codecs.ts';
import { same } from './equality.ts';
import { fail } from './errors.ts';
import { bitLength } from './exact-math.ts';
import { floatHex } from './float-hex.ts';
import { hashKey, makeDict, makeSet } from './hash-key.ts';
import { bytesOfInt } from './int-bytes.ts';
import { iterate, listOf, lookUp } from './iterate.ts';
import type { Meter } from './meter.ts';
import { reprOf } from './repr.ts';
import { bounds } from './subscript.ts';
import {
  isKind,
  isSet,
  type Py,
  type PyBytes,
  type PyDict,
  type PySet,
  type PyTuple,
  tuple,
  whole,
} from './values.ts';

/** Of a dict; none changes it. */
export const DICT_METHODS: Methods<PyDict> = {
  get(meter, self, args, named) {
    positional('get', 1, 2, args, named);
    return lookUp(meter, self, args[0] ?? null) ?? args[1] ?? null;
  },
  keys: (_meter, self, args, named) => view('keys', self, args.length + named.size),
  values: (_meter, self, args, named) => view('values', self, args.length + named.size),
  items: (_meter, self, args, named) => view('items', self, args.length + named.size),
  copy(meter, self, args, named) {
    positional('dict.copy', 0, 0, args, named);
    return makeDict(meter, self.entries.values());
  },
};

function view(of: 'keys' | 'values' | 'items', dict: PyDict, given: number): Py {
  if (given > 0) throw fail('TypeError', `dict.${of}() takes no arguments (${given} given)`);
  return { kind: 'view', of, dict };
}

/** Of a list; none changes it. */
export const LIST_METHODS: Methods<Py[]> = {
  index: (meter, self, args) => indexIn(meter, self, args, 'list'),
  count: (meter, self, args, named) => countIn(meter, self, args, named.size),
  copy(meter, self, args, named) {
    positional('list.copy', 0, 0, args, named);
    meter.allocate(self.length * 8);
    return [...self];
  },
};

export const TUPLE_METHODS: Methods<PyTuple> = {
  index: (meter, self, args) => indexIn(meter, self.items, args, 'tuple'),
  count: (meter, self, args, named) => countIn(meter, self.items, args, named.size),
};

function indexIn(meter: Meter, items: readonly Py[], args: readonly Py[], what: 'list' | 'tuple'): bigint {
  if (args.length < 1 || args.length > 3)
    throw fail('TypeError', `index expected at least 1 argument, got ${args.length}`);
  const [wanted = null, from = 0n, to = BigInt(items.length)] = args;
  const [start, stop] = bounds(items.length, from, to, null);
  meter.spend(items.length);
  for (let i = start; i < stop; i++) if (same(meter, items[i] ?? null, wanted)) return BigInt(i);
  throw fail(
    'ValueError',
    what === 'list' ? `${reprOf(meter, wanted)} is not in list` : 'tuple.index(x): x not in tuple',
  );
}

function countIn(meter: Meter, items: readonly Py[], args: readonly Py[], named: number): bigint {
  if (args.length !== 1 || named > 0)
    throw fail('TypeError', `count() takes exactly one argument (${args.length} given)`);
  meter.spend(items.length);
  return BigInt(items.filter((item) => same(meter, item, args[0] ?? null)).length);
}

/** Of a set; none changes it. */
export const SET_METHODS: Methods<PySet> = {
  union: (meter, self, args) =>
    makeSet(meter, [...self.items.values(), ...args.flatMap((other) => listOf(meter, other))], self.kind),
  intersection: (meter, self, args) => kept(meter, self, args, true),
  difference: (meter, self, args) => kept(meter, self, args, false),
  symmetric_difference(meter, self, args, named) {
    positional('symmetric_difference', 1, 1, args, named);
    const other = makeSet(meter, iterate(meter, args[0] ?? null));
    const left = [...self.items].filter(([key]) => !other.items.has(key));
    const right = [...other.items].filter(([key]) => !self.items.has(key));
    return { kind: self.kind, items: new Map([...left, ...right]) };
  },
  issubset: (meter, self, args) => isWithin(self, keysOf(meter, args[0] ?? null)),
  issuperset(meter, self, args) {
    const other = makeSet(meter, iterate(meter, args[0] ?? null));
    return isWithin(other, new Set(self.items.keys()));
  },
  isdisjoint(meter, self, args) {
    const other = keysOf(meter, args[0] ?? null);
    return [...self.items.keys()].every((key) => !other.has(key));
  },
  copy: (_meter, self) => ({ kind: self.kind, items: new Map(self.items) }),
};

function keysOf(meter: Meter, value: Py): Set<unknown> {
  if (isSet(value)) return new Set(value.items.keys());
  return new Set(listOf(meter, value).map((item) => hashKey(meter, item)));
}

function kept(meter: Meter, self: PySet, args: readonly Py[], wanted: boolean): Py {
  let items = [...self.items];
  for (const other of args) {
    const keys = keysOf(meter, other);
    items = items.filter(([key]) => keys.has(key) === wanted);
  }
  return { kind: self.kind, items: new Map(items) };
}

function isWithin(small: PySet, large: ReadonlySet<unknown>): boolean {
  return [...small.items.keys()].every((key) => large.has(key));
}

export const BYTES_METHODS: Methods<PyBytes> = {
  decode(meter, self, args, named) {
    const [encoding = 'utf-8', errors = 'strict'] = bind('decode', ['encoding', 'errors'], 0, args, named);
    if (typeof encoding !== 'string' || typeof errors !== 'string')
      throw fail('TypeError', 'decode() arguments must be str');
    return decodeBytes(meter, self.bytes, encoding, errors);
  },
  hex(meter, self, args, named) {
    if (args.length + named.size > 0)
      throw fail('NotImplementedError', '.hex(sep) of bytes is not supported here');
    meter.allocate(self.bytes.length * 2);
    return Buffer.from(self.bytes).toString('hex');
  },
  startswith: (_meter, self, args) => affix(self, args[0] ?? null, true),
  endswith: (_meter, self, args) => affix(self, args[0] ?? null, false),
};

function affix({ bytes }: PyBytes, wanted: Py, atStart: boolean): boolean {
  const options = isKind(wanted, 'tuple') ? wanted.items : [wanted];
  return options.some((option) => {
    if (!isKind(option, 'bytes')) throw fail('TypeError', 'a bytes-like object is required');
    const { length } = option.bytes;
    const part = atStart ? bytes.slice(0, length) : bytes.slice(Math.max(0, bytes.length - length));
    return Buffer.compare(part, option.bytes) === 0;
  });
}

export const INT_METHODS: Methods<bigint | boolean> = {
  bit_length: (_meter, self) => BigInt(bitLength(whole(self))),
  bit_count: (_meter, self) => BigInt(whole(self).toString(2).replace(/[^1]/g, '').length),
  conjugate: (_meter, self) => whole(self),
  as_integer_ratio: (_meter, self) => tuple([whole(self), 1n]),
  to_bytes: (meter, self, args, named) => bytesOfInt(meter, whole(self), args, named),
};

export const FLOAT_METHODS: Methods<number> = {
  is_integer: (_meter, self) => Number.isInteger(self),
  as_integer_ratio: (_meter, self) => tuple(ratioOf(self)),
  conjugate: (_meter, self) => self,
  hex: (_meter, self) => floatHex(self),
};
