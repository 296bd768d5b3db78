import type { PgType } from './column-type.ts';
import { Refusal } from './refusal.ts';
import { shown } from './timestamp-text.ts';

export type IntegerType = 'smallint' | 'integer' | 'bigint';

const BITS: Record<IntegerType, bigint> = { smallint: 15n, integer: 31n, bigint: 63n };
const NUMBER = /^(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/** A schema-valid value is larger than its column: the column has to grow. */
export class WidenColumn extends Error {
  readonly to: PgType;
  /** Set by the row encoder, which knows it. */
  column = '';

  constructor(to: PgType) {
    super(`needs ${to}`);
    this.to = to;
  }
}

/** Digits of a whole number written in any JSON way (12, 12.0, 1.2e1). Throws Refusal when it is not whole, WidenColumn when it is too large. */
export function integerText(text: string, type: IntegerType): string {
  const value = wholeNumber(text);
  if (value === null) throw new Refusal('singer.value_refused', `${shown(text)} is not a whole number.`);
  const limit = 1n << BITS[type];
  if (value >= limit || value < -limit)
    throw new WidenColumn(value < 1n << 63n && value >= -(1n << 63n) ? 'bigint' : 'numeric');
  return value.toString();
}

function wholeNumber(text: string): bigint | null {
  const parts = NUMBER.exec(text);
  if (!parts) return null;
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts;
  const digits = whole + fraction;
  const shift = Number(exponent) - fraction.length;
  const kept = shift >= 0 ? digits + '0'.repeat(shift) : digits.slice(0, shift);
  const dropped = shift >= 0 ? '' : digits.slice(shift);
  return /[^0]/.test(dropped) ? null : BigInt(`${sign}${kept || '0'}`);
}
