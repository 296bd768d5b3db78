import { intToFloat } from './arithmetic.ts';
import { fail } from './errors.ts';
import { formatDecimal, formatFloat, formatInt } from './format-number.ts';
import { type FormatSpec, pad, parseSpec } from './format-spec.ts';
import type { Meter } from './meter.ts';
import { strOf } from './repr.ts';
import { strftime } from './strftime.ts';
import { isInt, isObject, type Py, typeName, whole } from './values.ts';

/** Python's format(value, spec). Throws ValueError, TypeError. */
export function formatValue(meter: Meter, value: Py, spec: string): string {
  if (spec === '') return strOf(meter, value);
  meter.allocate(spec.length);
  if (typeof value === 'string') return formatText(value, parseSpec(spec, 'str'));
  if (typeof value === 'number') return formatNumber(value, parseSpec(spec, 'float'), 'float');
  if (isInt(value)) return formatNumber(value, parseSpec(spec, typeName(value)), typeName(value));
  if (isObject(value)) {
    if (value.kind === 'decimal') return formatDecimal(value, decimalSpec(spec));
    if (value.kind === 'date' || value.kind === 'datetime' || value.kind === 'time')
      return strftime(value, spec);
  }
  throw fail('TypeError', `unsupported format string passed to ${typeName(value)}.__format__`);
}

function formatNumber(value: number | bigint | boolean, spec: FormatSpec, typeText: string): string {
  const float = spec.type !== '' && 'eEfFgG%'.includes(spec.type);
  if (typeof value === 'number') {
    if (float || spec.type === '' || spec.type === 'n') return formatFloat(value, spec);
    throw fail('ValueError', `Unknown format code '${spec.type}' for object of type 'float'`);
  }
  return float ? formatFloat(intToFloat(whole(value)), spec) : formatInt(whole(value), spec, typeText);
}

function formatText(text: string, spec: FormatSpec): string {
  if (spec.type !== '' && spec.type !== 's')
    throw fail('ValueError', `Unknown format code '${spec.type}' for object of type 'str'`);
  if (spec.sign !== '') {
    const what = spec.sign === ' ' ? 'Space' : 'Sign';
    throw fail('ValueError', `${what} not allowed in string format specifier`);
  }
  if (spec.noNegativeZero)
    throw fail('ValueError', 'Negative zero coercion (z) not allowed in string format specifier');
  if (spec.alternate) throw fail('ValueError', 'Alternate form (#) not allowed in string format specifier');
  if (spec.grouping !== '') throw fail('ValueError', `Cannot specify '${spec.grouping}' with 's'.`);
  if (spec.align === '=' && !spec.zero)
    throw fail('ValueError', "'=' alignment not allowed in string format specifier");
  const align = spec.align === '=' ? '<' : spec.align;
  const cut = spec.precision === null ? text : [...text].slice(0, spec.precision).join('');
  return pad('', cut, { ...spec, align }, '<');
}

function decimalSpec(spec: string): FormatSpec {
  try {
    return parseSpec(spec, 'decimal.Decimal');
  } catch {
    throw fail('ValueError', 'invalid format string');
  }
}
