import {
  type ArithmeticOperator,
  numberArithmetic,
  objectArithmetic,
  sized,
  tooManyDigits,
  unsupported,
} from './arithmetic.ts';
import { rounded } from './decimal.ts';
import { decimalNegative } from './decimal-arithmetic.ts';
import { same } from './equality.ts';
import { fail } from './errors.ts';
import { makeDict } from './hash-key.ts';
import { isIterable, iterate, lookUp } from './iterate.ts';
import { MAX_LENGTH, type Meter } from './meter.ts';
import { percentFormat } from './percent-format.ts';
import { isMember, isSetLike, isSetView } from './set-like.ts';
import {
  bytesOf,
  isInt,
  isKind,
  isMapping,
  isNumber,
  isObject,
  isSet,
  type Py,
  type PyDict,
  type PySet,
  tuple,
  typeName,
  whole,
} from './values.ts';
import { combinedItems, withoutItems } from './view-methods.ts';

/** a + b. */
export function add(meter: Meter, a: Py, b: Py): Py {
  if (typeof a === 'string') {
    if (typeof b !== 'string')
      throw fail('TypeError', `can only concatenate str (not "${typeName(b)}") to str`);
    return joinedTexts(meter, a, b);
  }
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (isNumber(a) && isNumber(b)) return numberArithmetic(meter, '+', a, b);
  if (Array.isArray(a)) {
    if (!Array.isArray(b))
      throw fail('TypeError', `can only concatenate list (not "${typeName(b)}") to list`);
    meter.allocate((a.length + b.length) * 8);
    return [...a, ...b];
  }
  if (isKind(a, 'tuple')) {
    if (!isKind(b, 'tuple'))
      throw fail('TypeError', `can only concatenate tuple (not "${typeName(b)}") to tuple`);
    meter.allocate((a.items.length + b.items.length) * 8);
    return tuple([...a.items, ...b.items]);
  }
  if (isKind(a, 'bytes')) {
    if (!isKind(b, 'bytes')) throw fail('TypeError', `can't concat ${typeName(b)} to bytes`);
    meter.allocate(a.bytes.length + b.bytes.length);
    return bytesOf(Buffer.concat([a.bytes, b.bytes]));
  }
  return objectArithmetic('+', a, b) ?? refused('+', a, b);
}

function refused(op: string, a: Py, b: Py): never {
  throw unsupported(op, a, b);
}

function joinedTexts(meter: Meter, a: string, b: string): string {
  const length = a.length + b.length;
  if (length > 256) meter.allocate(length);
  return a + b;
}

/** a * b. */
export function multiply(meter: Meter, a: Py, b: Py): Py {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  if (isNumber(a) && isNumber(b)) return numberArithmetic(meter, '*', a, b);
  if (isSequence(a)) return repeat(meter, a, b);
  if (isSequence(b)) return repeat(meter, b, a);
  return objectArithmetic('*', a, b) ?? refused('*', a, b);
}

type Sequence = string | Py[] | Extract<Py, { kind: 'tuple' | 'bytes' }>;

function isSequence(value: Py): value is Sequence {
  return (
    typeof value === 'string' || Array.isArray(value) || isKind(value, 'tuple') || isKind(value, 'bytes')
  );
}

function repeat(meter: Meter, sequence: Sequence, by: Py): Py {
  if (!isInt(by)) throw fail('TypeError', `can't multiply sequence by non-int of type '${typeName(by)}'`);
  const asked = whole(by);
  if (asked >= 2n ** 63n || asked < -(2n ** 63n))
    throw fail('OverflowError', "cannot fit 'int' into an index-sized integer");
  const count = asked < 0n ? 0 : Number(asked);
  if (typeof sequence === 'string') {
    claim(meter, sequence.length * count, 2);
    return sequence.repeat(sequence === '' ? 0 : count);
  }
  if (isKind(sequence, 'bytes')) {
    claim(meter, sequence.bytes.length * count, 1);
    return bytesOf(
      Buffer.concat(Array.from({ length: sequence.bytes.length === 0 ? 0 : count }, () => sequence.bytes)),
    );
  }
  const items = Array.isArray(sequence) ? sequence : sequence.items;
  claim(meter, items.length * count, 8);
  const times = items.length === 0 ? 0 : count;
  const repeated = Array.from({ length: items.length * times }, (_, i) => items[i % items.length] ?? null);
  return Array.isArray(sequence) ? repeated : tuple(repeated);
}

/** Counts what is about to be made. Throws MemoryError. */
export function claim(meter: Meter, length: number, bytesEach: number): void {
  if (!(length <= MAX_LENGTH))
    throw fail('MemoryError', `more than ${MAX_LENGTH.toLocaleString('en')} characters or elements`);
  meter.allocate(length * bytesEach);
  meter.spend(length >> 4);
}

/** a op b for - / // % **. */
export function arithmetic(meter: Meter, op: Exclude<ArithmeticOperator, '+' | '*'>, a: Py, b: Py): Py {
  if (isNumber(a) && isNumber(b)) return numberArithmetic(meter, op, a, b);
  if (op === '%' && typeof a === 'string') return percentFormat(meter, a, b);
  if (op === '%' && isKind(a, 'bytes'))
    throw fail('NotImplementedError', '% of bytes is not supported here; .decode() them');
  if (op === '-' && isSet(a) && isSet(b)) return filteredSet(a, a.kind, (key) => !b.items.has(key));
  if (op === '-' && (isSetView(a) || isSetView(b))) return withoutItems(meter, a, b);
  return objectArithmetic(op, a, b) ?? refused(op === '**' ? '** or pow()' : op, a, b);
}

function filteredSet(set: PySet, kind: PySet['kind'], keep: (key: unknown) => boolean): PySet {
  return { kind, items: new Map([...set.items].filter(([key]) => keep(key))) };
}

export type BitOperator = '&' | '|' | '^' | '<<' | '>>';

/** a op b for & | ^ << >>. */
export function bitwise(meter: Meter, op: BitOperator, a: Py, b: Py): Py {
  if (isInt(a) && isInt(b)) return intBits(meter, op, a, b);
  if (isSet(a) && isSet(b)) {
    if (op === '&') return filteredSet(a, a.kind, (key) => b.items.has(key));
    if (op === '|')
      return { kind: a.kind, items: new Map([...b.items, ...a.items].map(([key, item]) => [key, item])) };
    if (op === '^') {
      const left = filteredSet(a, a.kind, (key) => !b.items.has(key));
      const right = filteredSet(b, a.kind, (key) => !a.items.has(key));
      return { kind: a.kind, items: new Map([...left.items, ...right.items]) };
    }
  }
  if (op === '|' && isMapping(a) && isMapping(b)) return merged(meter, a, b);
  if ((isSetView(a) || isSetView(b)) && op !== '<<' && op !== '>>') return combinedItems(meter, op, a, b);
  throw unsupported(op, a, b);
}

/** {**a, **b}, a | b. */
export function merged(meter: Meter, a: PyDict, b: PyDict): PyDict {
  meter.allocate((a.entries.size + b.entries.size) * 64);
  return makeDict(meter, [...a.entries.values(), ...b.entries.values()]);
}

function intBits(meter: Meter, op: BitOperator, a: bigint | boolean, b: bigint | boolean): Py {
  const [x, y] = [whole(a), whole(b)];
  if (op === '<<' || op === '>>') {
    if (y < 0n) throw fail('ValueError', 'negative shift count');
    if (op === '>>') return y > 40_000n ? (x < 0n ? -1n : 0n) : x >> y;
    if (x === 0n) return 0n;
    if (y > 40_000n) throw tooManyDigits();
    return sized(meter, x << y);
  }
  const bits = op === '&' ? x & y : op === '|' ? x | y : x ^ y;
  return typeof a === 'boolean' && typeof b === 'boolean' ? bits === 1n : bits;
}

/** -a, +a, ~a. */
export function unary(op: '-' | '+' | '~', value: Py): Py {
  if (op === '~') {
    if (isInt(value)) return ~whole(value);
  } else if (typeof value === 'number') return op === '-' ? -value : value;
  else if (isInt(value)) return op === '-' ? -whole(value) : whole(value);
  else if (isKind(value, 'timedelta'))
    return op === '-' ? { ...value, microseconds: -value.microseconds } : value;
  else if (isKind(value, 'decimal')) return op === '-' ? decimalNegative(value) : decimalPositive(value);
  throw fail('TypeError', `bad operand type for unary ${op}: '${typeName(value)}'`);
}

function decimalPositive(value: Extract<Py, { kind: 'decimal' }>): Py {
  const isZero = value.special === '' && value.coefficient === 0n;
  return rounded(isZero ? { ...value, negative: false } : value);
}

/** x in container. */
export function contains(meter: Meter, container: Py, x: Py): boolean {
  if (typeof container === 'string') {
    if (typeof x !== 'string')
      throw fail('TypeError', `'in <string>' requires string as left operand, not ${typeName(x)}`);
    meter.spend(container.length >> 6);
    return container.includes(x);
  }
  if (isMapping(container)) return lookUp(meter, container, x) !== undefined;
  if (isSetLike(container)) return isMember(meter, container, x, same);
  if (isObject(container)) {
    if (container.kind === 'bytes') return inBytes(container.bytes, x);
    if (container.kind === 'range' && isInt(x)) {
      const { start, stop, step } = container;
      const at = whole(x);
      return (step > 0n ? at >= start && at < stop : at <= start && at > stop) && (at - start) % step === 0n;
    }
  }
  if (!isIterable(container))
    throw fail('TypeError', `argument of type '${typeName(container)}' is not iterable`);
  for (const item of iterate(meter, container)) if (same(meter, item, x)) return true;
  return false;
}

function inBytes(bytes: Uint8Array, x: Py): boolean {
  if (isKind(x, 'bytes')) return Buffer.from(bytes).includes(Buffer.from(x.bytes));
  if (!isInt(x)) throw fail('TypeError', `a bytes-like object is required, not '${typeName(x)}'`);
  if (whole(x) < 0n || whole(x) > 255n) throw fail('ValueError', 'byte must be in range(0, 256)');
  return bytes.includes(Number(whole(x)));
}
