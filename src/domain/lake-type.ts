import { readLakeType } from './lake-type-grammar.ts';
import { type LakeType, type ScalarLakeType, SIMPLE_KINDS } from './lake-type-shape.ts';

export {
  formatLakeType,
  isNestedType,
  type LakeScalar,
  type LakeType,
  type LakeValue,
  type NestedLakeType,
  type ScalarLakeType,
} from './lake-type-shape.ts';

const SYNONYMS: Readonly<Record<string, ScalarLakeType>> = {
  text: { kind: 'string' },
  varchar: { kind: 'string' },
  bool: { kind: 'boolean' },
  integer: { kind: 'long' },
  bigint: { kind: 'long' },
  smallint: { kind: 'int' },
  float: { kind: 'double' },
  number: { kind: 'double' },
  real: { kind: 'double' },
  datetime: { kind: 'timestamptz' },
  decimal: { kind: 'decimal', precision: 38, scale: 9 },
  numeric: { kind: 'decimal', precision: 38, scale: 9 },
  object: { kind: 'json' },
  array: { kind: 'json' },
  struct: { kind: 'json' },
  map: { kind: 'json' },
  list: { kind: 'json' },
};

/**
 * Reads a type as people write it in a target schema: "long", "decimal(18,2)", "varchar", "array<struct<sku:string, price:decimal(10,2)>>".
 * Without a shape array, struct and map are json. Throws InvalidError `type.unknown`, which names the place within a nested type.
 */
export function parseLakeType(name: string): LakeType {
  return readLakeType(name, scalarNamed);
}

function scalarNamed(name: string): ScalarLakeType | string {
  const decimal = /^(?:decimal|numeric)\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)$/.exec(name);
  if (decimal) return decimalType(Number(decimal[1]), Number(decimal[2] ?? 0));
  const simple = SIMPLE_KINDS.find((kind) => kind === name);
  if (simple) return { kind: simple };
  const plain = name.replace(/\(.*$/s, '');
  const synonym = Object.hasOwn(SYNONYMS, plain) ? SYNONYMS[plain] : undefined;
  return (
    synonym ??
    `"${name}" is no type; use one of ${SIMPLE_KINDS.join(', ')}, decimal(p,s), list<T>, map<K,V>, struct<name:T, ...>`
  );
}

function decimalType(precision: number, scale: number): ScalarLakeType | string {
  if (precision < 1 || precision > 38 || scale > precision)
    return 'decimal(p,s) needs 1 <= p <= 38 and s <= p';
  return { kind: 'decimal', precision, scale };
}
