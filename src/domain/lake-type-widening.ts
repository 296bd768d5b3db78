import { formatLakeType, isNestedType, type LakeType } from './lake-type-shape.ts';

const INTEGER_DIGITS: Partial<Record<LakeType['kind'], number>> = { int: 10, long: 19 };

/** Whether a column of type `existing` keeps every value of type `wanted` as it is. Nested types must be the same, whose places are written by order. */
export function holdsLosslessly(existing: LakeType, wanted: LakeType): boolean {
  if (existing.kind === 'decimal') return decimalHolds(existing, wanted);
  if (isNestedType(existing)) return isSame(existing, wanted);
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

/**
 * Whether a column may be made `wanted` where it is, and no value changes: whole numbers and decimals into wider ones, structs into such
 * with more fields after the ones they have.
 */
export function widens(existing: LakeType, wanted: LakeType): boolean {
  if (isNestedType(existing)) return addedFields(existing, wanted).length > 0;
  return NUMBERS.has(existing.kind) && NUMBERS.has(wanted.kind) && holdsLosslessly(wanted, existing);
}

const NUMBERS = new Set<LakeType['kind']>(['int', 'long', 'decimal']);

export interface AddedField {
  /** From the column to the field: names of fields, `element` of a list, `value` of a map. */
  path: readonly string[];
  type: LakeType;
}

/** The fields `wanted` has after those of `existing`, at any depth. None: there are none, or the two differ otherwise. */
export function addedFields(existing: LakeType, wanted: LakeType): AddedField[] {
  return additions(existing, wanted, []) ?? [];
}

function additions(existing: LakeType, wanted: LakeType, path: readonly string[]): AddedField[] | null {
  if (existing.kind === 'list' && wanted.kind === 'list')
    return additions(existing.element, wanted.element, [...path, 'element']);
  if (existing.kind === 'map' && wanted.kind === 'map')
    return isSame(existing.key, wanted.key)
      ? additions(existing.value, wanted.value, [...path, 'value'])
      : null;
  if (existing.kind === 'struct' && wanted.kind === 'struct') return addedToStruct(existing, wanted, path);
  return isSame(existing, wanted) ? [] : null;
}

type Struct = Extract<LakeType, { kind: 'struct' }>;

function addedToStruct(existing: Struct, wanted: Struct, path: readonly string[]): AddedField[] | null {
  const added: AddedField[] = [];
  for (const [n, field] of existing.fields.entries()) {
    const same = wanted.fields[n];
    const within = same?.name === field.name ? additions(field.type, same.type, [...path, field.name]) : null;
    if (within === null) return null;
    added.push(...within);
  }
  const fresh = wanted.fields.slice(existing.fields.length);
  return [...added, ...fresh.map(({ name, type }) => ({ path: [...path, name], type }))];
}

function isSame(one: LakeType, other: LakeType): boolean {
  return formatLakeType(one) === formatLakeType(other);
}
