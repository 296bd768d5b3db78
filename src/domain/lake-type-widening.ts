import type { LakeType } from './lake-type.ts';

const INTEGER_DIGITS: Partial<Record<LakeType['kind'], number>> = { int: 10, long: 19 };

/** Whether a column of type `existing` keeps every value of type `wanted` as it is. */
export function holdsLosslessly(existing: LakeType, wanted: LakeType): boolean {
  if (existing.kind === 'decimal') return decimalHolds(existing, wanted);
  if (existing.kind === wanted.kind) return true;
  if (existing.kind === 'long' || existing.kind === 'double') return wanted.kind === 'int';
  return existing.kind === 'string' && wanted.kind === 'uuid';
}

function decimalHolds(existing: { precision: number; scale: number }, wanted: LakeType): boolean {
  const whole = existing.precision - existing.scale;
  if (wanted.kind === 'decimal')
    return whole >= wanted.precision - wanted.scale && existing.scale >= wanted.scale;
  const digits = INTEGER_DIGITS[wanted.kind];
  return digits !== undefined && whole >= digits;
}

/** Whether a column may be made `wanted` where it is: whole numbers and decimals into wider ones, and no value changes. */
export function widens(existing: LakeType, wanted: LakeType): boolean {
  return NUMBERS.has(existing.kind) && NUMBERS.has(wanted.kind) && holdsLosslessly(wanted, existing);
}

const NUMBERS = new Set<LakeType['kind']>(['int', 'long', 'decimal']);
