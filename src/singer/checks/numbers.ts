import type { JsonObject } from '../json-schema.ts';
import type { Rule } from './check.ts';
import { numberOf, numberTextOf } from './read-value.ts';

/** minimum and maximum; exclusiveMinimum and exclusiveMaximum as numbers or, as in draft 4, as flags. */
export const boundsRule: Rule = (schema) => {
  const lows = boundsOf(schema, 'minimum', 'exclusiveMinimum');
  const highs = boundsOf(schema, 'maximum', 'exclusiveMaximum');
  if (lows.length === 0 && highs.length === 0) return null;
  return (value, path) => {
    const number = numberOf(value);
    if (number === null) return null;
    for (const { at, open } of lows)
      if (number < at || (open && number === at)) return `${path}: is below ${open ? 'or at ' : ''}${at}`;
    for (const { at, open } of highs)
      if (number > at || (open && number === at)) return `${path}: is above ${open ? 'or at ' : ''}${at}`;
    return null;
  };
};

function boundsOf(schema: JsonObject, name: string, exclusiveName: string) {
  const [plain, strict] = [schema[name], schema[exclusiveName]];
  const bounds: { at: number; open: boolean }[] = [];
  if (typeof plain === 'number') bounds.push({ at: plain, open: strict === true });
  if (typeof strict === 'number') bounds.push({ at: strict, open: true });
  return bounds;
}

/** multipleOf, in whole digits: 0.3 is a multiple of 0.1, whatever doubles say. */
export const multipleRule: Rule = ({ multipleOf }) => {
  if (typeof multipleOf !== 'number' || !(multipleOf > 0)) return null;
  const divisor = decimalOf(String(multipleOf));
  if (!divisor) return null;
  return (value, path) => {
    const text = numberTextOf(value);
    const number = text === null ? null : decimalOf(text);
    if (!number) return null;
    const scale = Math.min(number.exponent, divisor.exponent);
    const rest = scaled(number, scale) % scaled(divisor, scale);
    return rest === 0n ? null : `${path}: is not a multiple of ${multipleOf}`;
  };
};

interface Decimal {
  digits: bigint;
  /** Of ten. */
  exponent: number;
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** Numbers further from 1 than this are not divided: their digits would fill the memory. */
const MAX_EXPONENT = 1000;

function decimalOf(text: string): Decimal | null {
  const parts = DECIMAL.exec(text);
  if (!parts) return null;
  const [, sign, whole = '', fraction = '', power = '0'] = parts;
  const exponent = Number(power) - fraction.length;
  if (Math.abs(exponent) > MAX_EXPONENT) return null;
  return { digits: BigInt(`${sign}${whole}${fraction}`), exponent };
}

function scaled({ digits, exponent }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(exponent - to);
}
