import { decimalOf, decimalText } from './decimal.ts';
import { fail } from './errors.ts';
import {
  type Digits,
  digitCount,
  dropDigits,
  exactDigits,
  fixedDigits,
  fixedFloat,
  floatRepr,
  leadingDigits,
} from './float-digits.ts';
import { type FormatSpec, grouped, pad, signText } from './format-spec.ts';
import { intText } from './repr.ts';
import type { PyDecimal } from './values.ts';

/** format(int, spec). */
export function formatInt(value: bigint, spec: FormatSpec, typeText: string): string {
  if (spec.noNegativeZero)
    throw fail(
      'ValueError',
      'Negative zero coercion (z) not allowed in format specifier with integer format code',
    );
  if (spec.precision !== null) throw fail('ValueError', 'Precision not allowed in integer format specifier');
  if (spec.type === 'c') return formatCharacter(value, spec);
  const size = value < 0n ? -value : value;
  const radix = RADIX[spec.type];
  if (radix === undefined && !['', 'd', 'n'].includes(spec.type))
    throw fail('ValueError', `Unknown format code '${spec.type}' for object of type '${typeText}'`);
  if (spec.grouping === ',' && radix !== undefined)
    throw fail('ValueError', `Cannot specify ',' with '${spec.type}'.`);
  if (spec.grouping !== '' && spec.type === 'n')
    throw fail('ValueError', `Cannot specify '${spec.grouping}' with 'n'.`);
  let digits = radix === undefined ? intText(size) : size.toString(radix);
  let mark = signText(value < 0n, spec);
  if (spec.alternate && radix !== undefined) mark += `0${spec.type}`;
  if (spec.type === 'X') digits = digits.toUpperCase();
  if (spec.grouping !== '') {
    const room = spec.fill === '0' && spec.align === '=' ? spec.width - mark.length : 0;
    digits = grouped(digits, '', spec.grouping, radix === undefined ? 3 : 4, room);
  }
  return pad(mark, digits, spec, '>');
}

const RADIX: Readonly<Record<string, number>> = { x: 16, X: 16, o: 8, b: 2 };

function formatCharacter(value: bigint, spec: FormatSpec): string {
  if (spec.sign !== '') throw fail('ValueError', "Sign not allowed with integer format specifier 'c'");
  if (spec.alternate)
    throw fail('ValueError', "Alternate form (#) not allowed with integer format specifier 'c'");
  if (spec.grouping !== '') throw fail('ValueError', `Cannot specify '${spec.grouping}' with 'c'.`);
  return pad('', characterOf(value, '%c arg not in range(0x110000)'), spec, '<');
}

/** Throws OverflowError with `reason`, ValueError for a surrogate. */
export function characterOf(value: bigint, reason: string): string {
  if (value < 0n || value > 0x10ffffn) throw fail('OverflowError', reason);
  if (value >= 0xd800n && value <= 0xdfffn) throw fail('ValueError', 'a lone surrogate is not text');
  return String.fromCodePoint(Number(value));
}

/** format(float, spec) for the types '' e E f F g G n %. */
export function formatFloat(value: number, spec: FormatSpec): string {
  const negative = !Number.isNaN(value) && (value < 0 || Object.is(value, -0));
  const size = Math.abs(value);
  if (spec.grouping !== '' && spec.type === 'n')
    throw fail('ValueError', `Cannot specify '${spec.grouping}' with 'n'.`);
  const body = Number.isFinite(size)
    ? floatBody(size, spec)
    : `${floatRepr(size)}${spec.type === '%' ? '%' : ''}`;
  return finished(body, negative, Number.isFinite(size), spec);
}

function floatBody(size: number, { type, precision, alternate }: FormatSpec): string {
  const places = precision ?? 6;
  const exact = () => exactDigits(size);
  switch (type.toLowerCase()) {
    case 'f':
      return fixedFloat(size, places) + (alternate && places === 0 ? '.' : '');
    case '%':
      return `${percentText(size * 100, places)}${alternate && places === 0 ? '.' : ''}%`;
    case 'e':
      return exponentText(exact(), places, alternate);
    case '':
      return precision === null
        ? floatRepr(size)
        : generalText(exact(), Math.max(precision, 1), alternate, true);
    default:
      return generalText(exact(), Math.max(places, 1), alternate, false);
  }
}

function percentText(scaled: number, places: number): string {
  return Number.isFinite(scaled) ? fixedFloat(scaled, places) : 'inf';
}

function exponentText(digits: Digits, places: number, alternate: boolean): string {
  const { text, power } = leadingDigits(digits, places + 1);
  const point = places > 0 || alternate ? '.' : '';
  return `${text.charAt(0)}${point}${text.slice(1)}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** `dotted`: as str() does, a whole number keeps .0 and the exponent form comes one digit earlier. */
function generalText(digits: Digits, count: number, alternate: boolean, dotted: boolean): string {
  const { power } = leadingDigits(digits, count);
  if (power < -4 || power >= count - (dotted ? 1 : 0)) {
    const [mantissa = '', exponent = ''] = exponentText(digits, count - 1, alternate).split('e');
    return `${alternate ? mantissa : withoutZeros(mantissa)}e${exponent}`;
  }
  const body = fixedDigits(digits, Math.max(count - 1 - power, 0));
  if (alternate) return body.includes('.') ? body : `${body}.`;
  const short = withoutZeros(body);
  return dotted && !short.includes('.') ? `${short}.0` : short;
}

function withoutZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function finished(body: string, negative: boolean, finite: boolean, spec: FormatSpec): string {
  const isZero = finite && !/[1-9]/.test(body.split(/e/i)[0] ?? '');
  const mark = signText(negative && !(spec.noNegativeZero && isZero), spec);
  let text = 'EFG'.includes(spec.type) && spec.type !== '' ? body.toUpperCase() : body;
  if (spec.grouping !== '' && finite) {
    const digits = /^\d*/.exec(text)?.[0] ?? '';
    const room = spec.fill === '0' && spec.align === '=' ? spec.width - mark.length : 0;
    text = grouped(digits, text.slice(digits.length), spec.grouping, 3, room);
  }
  return pad(mark, text, spec, '>');
}

/** format(Decimal, spec). */
export function formatDecimal(value: PyDecimal, spec: FormatSpec): string {
  if (spec.alternate || spec.grouping === '_' || (spec.type !== '' && !'eEfFgGn%'.includes(spec.type)))
    throw fail('ValueError', 'invalid format string');
  const plain = { ...value, negative: false };
  if (value.special !== '') {
    const fill = spec.fill === '0' && spec.align === '=' ? { ...spec, fill: ' ', align: '>' as const } : spec;
    return pad(
      signText(value.negative, spec),
      decimalText(plain) + (spec.type === '%' ? '%' : ''),
      fill,
      '>',
    );
  }
  return finished(decimalBody(plain, spec), value.negative, true, { ...spec, type: '' });
}

function decimalBody(value: PyDecimal, { type, precision }: FormatSpec): string {
  const lower = type === 'e' || type === 'g' || type === 'n';
  const write = (text: string) => (lower ? text.replace('E', 'e') : text);
  switch (type) {
    case '':
      return precision === null ? decimalText(value) : decimalText(limited(value, Math.max(precision, 1)));
    case 'g':
    case 'G':
    case 'n':
      return write(decimalText(precision === null ? value : limited(value, Math.max(precision, 1))));
    case 'e':
    case 'E':
      return write(decimalExponent(value, precision));
    case '%':
      return `${decimalFixed({ ...value, exponent: value.exponent + 2 }, precision)}%`;
    default:
      return decimalFixed(value, precision);
  }
}

function limited(value: PyDecimal, count: number): PyDecimal {
  const excess = digitCount(value.coefficient) - count;
  if (excess <= 0) return value;
  const coefficient = dropDigits(value.coefficient, excess);
  const carried = digitCount(coefficient) > count;
  return decimalOf(carried ? coefficient / 10n : coefficient, value.exponent + excess + (carried ? 1 : 0));
}

function decimalFixed(value: PyDecimal, precision: number | null): string {
  if (value.exponent > 10_000 || value.exponent < -20_000)
    throw fail('ValueError', 'a Decimal too large to write out');
  return fixedDigits(value, precision ?? Math.max(-value.exponent, 0));
}

function decimalExponent(value: PyDecimal, precision: number | null): string {
  const count = precision === null ? digitCount(value.coefficient) : precision + 1;
  const isZero = value.coefficient === 0n;
  const { text, power } = leadingDigits(value, count);
  const shown = isZero ? (precision === null ? value.exponent : value.exponent + precision) : power;
  const point = count > 1 ? '.' : '';
  return `${text.charAt(0)}${point}${text.slice(1)}E${shown < 0 ? '-' : '+'}${Math.abs(shown)}`;
}
