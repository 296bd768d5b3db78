import { formatLakeType, type LakeType, parseLakeType } from '../../domain/lake-type.ts';
import { holdsLosslessly } from '../../domain/lake-type-widening.ts';
import { lakeTypeOfStaging } from '../../domain/staging-type.ts';
import { AppError } from '../../errors.ts';
import { typeFamily } from '../../matching/type-families.ts';
import { LOSES_TIME } from './sample-warnings.ts';

interface Types {
  sourceType: string;
  /** Absent: the field is not staged. */
  stagingType: string | undefined;
  type: LakeType;
  transformFn: string | null;
  hasSamples: boolean;
}

/** What the types alone say a load may lose or refuse. Where samples were tried, only what they cannot rule out. */
export function typeWarnings(types: Types): string[] {
  const { type, transformFn, hasSamples } = types;
  const from = typeFrom(types);
  if (from === null) return [];
  if (neverFitsAsIs(types))
    return [
      `${ONE_OF[from.kind] ?? 'Such a value'} is no ${formatLakeType(type)}: without a transform every value is rejected.`,
    ];
  if (transformFn !== null)
    return !hasSamples && type.kind === 'date' && isTimestamp(from) ? [LOSES_TIME] : [];
  return [
    numberLoss(from, type),
    type.kind === 'date' && isTimestamp(from)
      ? 'A time of day is rejected, not cut off: the column holds dates.'
      : null,
    hasSamples ? null : unchecked(from, type),
  ].filter((warning) => warning !== null);
}

/** By the types alone: no value gets into the column, for want of a transform. */
export function neverFitsAsIs(types: Omit<Types, 'hasSamples'>): boolean {
  const from = typeFrom(types);
  return from !== null && types.transformFn === null && neverFits(from, types.type);
}

function typeFrom({ stagingType, sourceType }: Pick<Types, 'stagingType' | 'sourceType'>): LakeType | null {
  return stagingType === undefined ? declaredType(sourceType) : lakeTypeOfStaging(stagingType);
}

const ONE_OF: Partial<Record<LakeType['kind'], string>> = {
  int: 'A number',
  long: 'A number',
  double: 'A number',
  decimal: 'A number',
  boolean: 'A boolean',
  date: 'A date',
  timestamp: 'A timestamp',
  timestamptz: 'A timestamp',
};
const TIMES = ['date', 'timestamp', 'timestamptz'];
const NUMBERS = ['int', 'long', 'double', 'decimal'];

function neverFits({ kind: from }: LakeType, { kind: to }: LakeType): boolean {
  if (TIMES.includes(to)) return NUMBERS.includes(from) || from === 'boolean';
  return TIMES.includes(from) && (NUMBERS.includes(to) || to === 'boolean');
}

/** Casts never round and never wrap around: what does not fit is rejected. */
function numberLoss(from: LakeType, to: LakeType): string | null {
  if (to.kind !== 'int' && to.kind !== 'long') return null;
  const range = to.kind === 'int' ? '2,147,483,647' : '9,223,372,036,854,775,807';
  const isFractional = from.kind === 'double' || (from.kind === 'decimal' && from.scale > 0);
  if (isFractional)
    return `A number with a fraction, or beyond ${range}, is rejected: the column is ${to.kind}.`;
  const isNumber = from.kind === 'long' || from.kind === 'decimal';
  return isNumber && !holdsLosslessly(to, from)
    ? `A number beyond ${range} is rejected: the column is ${to.kind}.`
    : null;
}

function unchecked(from: LakeType, to: LakeType): string | null {
  const name = formatLakeType(to);
  if (from.kind === 'string' && !['string', 'json', 'binary'].includes(to.kind))
    return `Text that is no ${name} is rejected; there are no samples to check yet.`;
  if (to.kind !== 'decimal' || !['double', 'decimal'].includes(from.kind) || holdsLosslessly(to, from))
    return null;
  return `A number with more than ${to.scale} digits after the point is rejected, not rounded; there are no samples to check yet.`;
}

function isTimestamp({ kind }: LakeType): boolean {
  return kind === 'timestamp' || kind === 'timestamptz';
}

/** Types as taps and people write them. */
function declaredType(name: string): LakeType | null {
  try {
    return parseLakeType(name);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
  switch (typeFamily(name)) {
    case 'text':
      return { kind: 'string' };
    case 'time':
      return { kind: 'timestamptz' };
    case 'number':
      return { kind: 'double' };
    default:
      return null;
  }
}
