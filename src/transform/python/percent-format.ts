import { intToFloat } from './arithmetic.ts';
import { toInt } from './convert.ts';
import { decimalToFloat } from './decimal.ts';
import { fail } from './errors.ts';
import { characterOf, formatFloat, formatInt } from './format-number.ts';
import { bounded, type FormatSpec, pad } from './format-spec.ts';
import { lookUp } from './iterate.ts';
import type { Meter } from './meter.ts';
import { reprOf, strOf } from './repr.ts';
import {
  isInt,
  isKind,
  isMapping,
  isNumber,
  isObject,
  type Py,
  smallIndex,
  typeName,
  whole,
} from './values.ts';

const FIELD = /%(?:\(((?:[^()]|\([^()]*\))*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\*|\d*))?[hlL]?([\s\S]?)/gu;

interface Arguments {
  next(): Py;
  named(key: string): Py;
  unused(): boolean;
}

interface Field {
  flags: string;
  width: number;
  precision: number | null;
  type: string;
}

/** text % args. */
export function percentFormat(meter: Meter, format: string, args: Py): string {
  const given = argumentsOf(meter, args);
  const text = format.replace(
    FIELD,
    (_all, key: string | undefined, flags: string, width, precision, type: string, at: number) => {
      if (type === '%' && key === undefined) return '%';
      const value = key === undefined ? null : given.named(key);
      const field = fieldOf({ flags, width, precision, type }, given);
      if (type === '') throw fail('ValueError', 'incomplete format');
      if (type === '%') return '%';
      if (!'sradiuoxXeEfFgGc'.includes(type)) {
        const code = (type.codePointAt(0) ?? 0).toString(16);
        const place = [...format.slice(0, at + _all.length)].length - 1;
        throw fail('ValueError', `unsupported format character '${type}' (0x${code}) at index ${place}`);
      }
      const written = writeField(meter, key === undefined ? given.next() : value, field);
      meter.allocate(written.length);
      return written;
    },
  );
  if (given.unused()) throw fail('TypeError', 'not all arguments converted during string formatting');
  return text;
}

function argumentsOf(meter: Meter, args: Py): Arguments {
  const list = isKind(args, 'tuple') ? args.items : [args];
  const mapping =
    isMapping(args) || Array.isArray(args) || (isObject(args) && ['range', 'bytes'].includes(args.kind));
  let used = 0;
  let keyed = false;
  return {
    next() {
      if (used >= list.length) throw fail('TypeError', 'not enough arguments for format string');
      return list[used++] ?? null;
    },
    named(key) {
      if (!isMapping(args)) throw fail('TypeError', 'format requires a mapping');
      keyed = true;
      const value = lookUp(meter, args, key);
      if (value === undefined) throw fail('KeyError', reprOf(meter, key));
      return value;
    },
    unused: () => used < list.length && !keyed && !mapping,
  };
}

interface RawField {
  flags: string;
  width: string | undefined;
  precision: string | undefined;
  type: string;
}

function fieldOf({ flags, width, precision, type }: RawField, given: Arguments): Field {
  const field: Field = { flags, width: 0, precision: null, type };
  if (width === '*') {
    const value = starred(given);
    if (value < 0) field.flags += '-';
    field.width = Math.abs(value);
  } else field.width = bounded(width);
  if (precision === '*') field.precision = Math.max(0, starred(given));
  else if (precision !== undefined) field.precision = bounded(precision);
  return field;
}

function starred(given: Arguments): number {
  const value = given.next();
  if (!isInt(value)) throw fail('TypeError', '* wants int');
  const count = smallIndex(value);
  bounded(String(Math.abs(count)));
  return count;
}

function writeField(meter: Meter, value: Py, field: Field): string {
  const align = field.flags.includes('-') ? '<' : '>';
  const spaced = { fill: ' ', align, width: field.width } as const;
  switch (field.type) {
    case 's':
    case 'r':
    case 'a': {
      const text =
        field.type === 's'
          ? strOf(meter, value)
          : field.type === 'r'
            ? reprOf(meter, value)
            : asciiText(meter, value);
      return pad(
        '',
        field.precision === null ? text : [...text].slice(0, field.precision).join(''),
        spaced,
        '>',
      );
    }
    case 'c':
      return pad('', oneCharacter(value), spaced, '>');
    default:
      return writeNumber(meter, value, field, align);
  }
}

/** ascii(). */
export function asciiText(meter: Meter, value: Py): string {
  return reprOf(meter, value).replace(/[^\p{ASCII}]/gu, (char) => {
    const code = char.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    if (code < 0x100) return `\\x${hex}`;
    return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  });
}

function oneCharacter(value: Py): string {
  if (typeof value === 'string' && [...value].length === 1) return value;
  if (!isInt(value)) throw fail('TypeError', '%c requires int or char');
  return characterOf(whole(value), '%c arg not in range(0x110000)');
}

function writeNumber(meter: Meter, value: Py, field: Field, align: '<' | '>'): string {
  const sign = field.flags.includes('+') ? '+' : field.flags.includes(' ') ? ' ' : '';
  const isFloat = 'eEfFgG'.includes(field.type);
  const spec: FormatSpec = {
    fill: ' ',
    align: '',
    sign,
    noNegativeZero: false,
    alternate: field.flags.includes('#'),
    zero: false,
    width: 0,
    grouping: '',
    precision: null,
    type: 'diu'.includes(field.type) ? 'd' : field.type,
  };
  const text = isFloat
    ? formatFloat(floatArgument(value), { ...spec, precision: field.precision ?? 6 })
    : withPrecision(formatInt(intArgument(meter, value, field.type), spec, 'int'), field.precision);
  const prefix = /^[-+ ]?(?:0[xXo])?/.exec(text)?.[0] ?? '';
  const mark = isFloat || !spec.alternate ? (/^[-+ ]?/.exec(text)?.[0] ?? '') : prefix;
  const zero = field.flags.includes('0') && align === '>';
  return pad(
    mark,
    text.slice(mark.length),
    { fill: zero ? '0' : ' ', align: zero ? '=' : align, width: field.width },
    '>',
  );
}

function withPrecision(text: string, precision: number | null): string {
  if (precision === null) return text;
  const mark = /^[-+ ]?(?:0[xXo](?=.))?/.exec(text)?.[0] ?? '';
  return mark + text.slice(mark.length).padStart(precision, '0');
}

function floatArgument(value: Py): number {
  if (typeof value === 'number') return value;
  if (isInt(value)) return intToFloat(whole(value));
  if (isKind(value, 'decimal')) return decimalToFloat(value);
  throw fail('TypeError', `must be real number, not ${typeName(value)}`);
}

function intArgument(meter: Meter, value: Py, type: string): bigint {
  if (isInt(value)) return whole(value);
  if ('oxX'.includes(type))
    throw fail('TypeError', `%${type} format: an integer is required, not ${typeName(value)}`);
  if (isNumber(value) || isKind(value, 'decimal')) return toInt(meter, value);
  throw fail('TypeError', `%${type} format: a real number is required, not ${typeName(value)}`);
}
