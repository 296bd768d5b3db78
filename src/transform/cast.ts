import {
  isNestedType,
  type LakeScalar,
  type LakeType,
  type LakeValue,
  type NestedLakeType,
  type ScalarLakeType,
} from '../domain/lake-type.ts';
import type { PyValue } from '../ports/expressions.ts';
import { CastError } from './cast-error.ts';
import { castToScalar } from './cast-scalar.ts';
import { parseExactJson, printExactJson } from './py-json.ts';

/**
 * Gives a value the form its lakehouse column holds, exactly: what would overflow, round or be guessed throws CastError with the reason, and
 * with the place in a nested value, which begins at `column`. Lists and objects become nested values, JSON text of them too.
 */
export function castToLake(value: PyValue, type: LakeType, column = ''): LakeValue {
  if (!isNestedType(type)) return castToScalar(value, type);
  try {
    return castNested(value, type, castToScalar);
  } catch (error) {
    throw error instanceof CastError ? error.within(column) : error;
  }
}

/** What is done with the values within, which are those of an expression or of JSON text. */
type CastLeaf = (value: PyValue, type: ScalarLakeType) => LakeScalar;

function castNested(value: PyValue, type: NestedLakeType, leaf: CastLeaf): LakeValue {
  if (value === null) return null;
  if (typeof value === 'string') return castParsed(value, parsed(value, type), type, castJsonLeaf);
  return castParsed(value, value, type, leaf);
}

function castParsed(shown: PyValue, value: PyValue, type: NestedLakeType, leaf: CastLeaf): LakeValue {
  if (value === null) return null;
  if (type.kind === 'list') {
    if (!Array.isArray(value)) throw new CastError(shown, type, 'it is not a list');
    return value.map((item, n) => castWithin(item, type.element, leaf, `[${n}]`));
  }
  if (!(value instanceof Map)) throw new CastError(shown, type, 'it is not an object');
  return type.kind === 'map' ? castMap(value, type, leaf) : castStruct(value, type, leaf);
}

type Dict = ReadonlyMap<string, PyValue>;

function castStruct(
  value: Dict,
  type: Extract<NestedLakeType, { kind: 'struct' }>,
  leaf: CastLeaf,
): LakeValue {
  const values = type.fields.map(({ name, type: fieldType }) =>
    castWithin(value.get(name) ?? null, fieldType, leaf, stepOf(name)),
  );
  if (value.size > type.fields.length || type.fields.some(({ name }) => !value.has(name)))
    refuseUnknown(value, type);
  return values;
}

/** A value for which there is no field would be lost. */
function refuseUnknown(value: Dict, type: Extract<NestedLakeType, { kind: 'struct' }>): void {
  const names = new Set(type.fields.map(({ name }) => name));
  for (const [key, item] of value) {
    if (item !== null && !names.has(key))
      throw new CastError(item, type, 'the struct has no such field').within(stepOf(key));
  }
}

/** Keys that become the same are one: the last counts, as in JSON. */
function castMap(value: Dict, type: Extract<NestedLakeType, { kind: 'map' }>, leaf: CastLeaf): LakeValue {
  const entries = new Map<string, readonly [LakeScalar, LakeValue]>();
  for (const [name, item] of value) {
    const step = `[${JSON.stringify(name)}]`;
    const key = inPlace(`${step} (key)`, () => castToScalar(name, type.key));
    entries.set(String(key), [key, castWithin(item, type.value, leaf, step)]);
  }
  return [...entries.values()];
}

function castWithin(value: PyValue, type: LakeType, leaf: CastLeaf, step: string): LakeValue {
  return inPlace(step, () => (isNestedType(type) ? castNested(value, type, leaf) : leaf(value, type)));
}

function inPlace<Value>(step: string, cast: () => Value): Value {
  try {
    return cast();
  } catch (error) {
    throw error instanceof CastError ? error.within(step) : error;
  }
}

function stepOf(name: string): string {
  return /^[\p{L}_][\p{L}\p{N}\p{M}_]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

function parsed(text: string, type: NestedLakeType): PyValue {
  try {
    return parseExactJson(text);
  } catch (error) {
    // too deep for the parser, too
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    throw new CastError(text, type, 'it is not JSON');
  }
}

/** A number of JSON text is a number as it stands, where one of an expression, a Decimal, is text to JSON. */
function castJsonLeaf(value: PyValue, type: ScalarLakeType): LakeScalar {
  return castToScalar(value, type, printExactJson);
}
