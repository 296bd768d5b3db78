import { COPY_NULL } from '../domain/copy-text.ts';
import type { LakeType } from '../domain/lake-type.ts';
import { holdsLosslessly } from '../domain/lake-type-widening.ts';
import { lakeTypeOfStaging } from '../domain/staging-type.ts';

/** Whether a staged field (COPY's text format) already is, as it stands, what castToLake would make of it. */
export type FieldFits = (field: string) => boolean;

/** Which values of a staged type are, as they stand, what castToLake would make of them. */
export type Fit = 'all' | 'plain dates' | 'numbers';

const FITS: Record<Fit, FieldFits> = { all: () => true, 'plain dates': isPlainDate, numbers: isNumber };

/** Null: values of this staged type always need a cast. NULL fits everywhere. Staging itself is Postgres, so its text is well formed. */
export function fieldFits(stagingType: string, target: LakeType): FieldFits | null {
  const fit = fitOf(stagingType, target);
  return fit === null ? null : FITS[fit];
}

export function fitOf(stagingType: string, target: LakeType): Fit | null {
  const staged = lakeTypeOfStaging(stagingType);
  const bare = stagingType === 'numeric';
  if (target.kind === 'string') return staged.kind === 'double' && !bare ? null : 'all';
  if (bare) return null;
  if (target.kind === 'decimal') return holdsLosslessly(target, staged) ? 'numbers' : null;
  if (target.kind === 'long' && staged.kind === 'int') return 'all';
  if (staged.kind !== target.kind) return null;
  return DATES.has(target.kind) ? 'plain dates' : 'all';
}

const DATES = new Set<LakeType['kind']>(['date', 'timestamp', 'timestamptz']);

/** Not infinity, BC or a year of five digits, which other engines do not have. */
function isPlainDate(field: string): boolean {
  return field === COPY_NULL || (field.charCodeAt(4) === 45 && !field.endsWith('C'));
}

/** A decimal may be NaN in Postgres. */
function isNumber(field: string): boolean {
  return field !== 'NaN';
}
