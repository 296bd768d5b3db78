/** Column types every lakehouse adapter can hold. `json` keeps values of any shape as JSON text. */
export type LakeType = ScalarLakeType | NestedLakeType;

export type ScalarLakeType =
  | { kind: (typeof SIMPLE_KINDS)[number] }
  | { kind: 'decimal'; precision: number; scale: number };

/** Values whose shape is known. Keys of maps are of KEY_KINDS. */
export type NestedLakeType =
  | { kind: 'list'; element: LakeType }
  | { kind: 'map'; key: ScalarLakeType; value: LakeType }
  | { kind: 'struct'; fields: readonly LakeField[] };

export interface LakeField {
  name: string;
  type: LakeType;
}

/**
 * A value ready for a lakehouse column. string: text, uuid, json text, decimal digits, dates as YYYY-MM-DD, timestamps as ISO 8601;
 * bigint: int and long; number: double; Uint8Array: binary. An array: the elements of a list, the values of a struct in the order of its
 * fields, or the [key, value] pairs of a map, no key of which comes twice.
 */
export type LakeValue = LakeScalar | readonly LakeValue[];
export type LakeScalar = null | boolean | number | bigint | string | Uint8Array;

export const SIMPLE_KINDS = [
  'string',
  'boolean',
  'int',
  'long',
  'double',
  'date',
  'timestamp',
  'timestamptz',
  'binary',
  'uuid',
  'json',
] as const;

/** Nothing that ends a name, or a text, where engines print types without quotes. */
export const FIELD_NAME = /^[\p{L}\p{N}\p{M} _\-.$#%&*+/;=?@[\]^|~!]+$/u;
const PLAIN_NAME = /^[\p{L}_][\p{L}\p{N}\p{M}_]*$/u;

/** The one spelling of a type; parseLakeType reads the same type from it. */
export function formatLakeType(type: LakeType): string {
  switch (type.kind) {
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'list':
      return `list<${formatLakeType(type.element)}>`;
    case 'map':
      return `map<${formatLakeType(type.key)},${formatLakeType(type.value)}>`;
    case 'struct':
      return `struct<${type.fields.map((field) => `${formatName(field.name)}:${formatLakeType(field.type)}`).join(',')}>`;
    default:
      return type.kind;
  }
}

export function isNestedType(type: LakeType): type is NestedLakeType {
  return type.kind === 'list' || type.kind === 'map' || type.kind === 'struct';
}

function formatName(name: string): string {
  return PLAIN_NAME.test(name) ? name : `\`${name}\``;
}
