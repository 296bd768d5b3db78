import { InvalidError } from '../errors.ts';

/** Column types every lakehouse adapter can hold. `json` keeps nested values as JSON text where the engine has no better. */
export type LakeType =
  | { kind: (typeof SIMPLE_KINDS)[number] }
  | { kind: 'decimal'; precision: number; scale: number };

const SIMPLE_KINDS = [
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

/**
 * A value ready for a lakehouse column. string: text, uuid, json text, decimal digits, dates as YYYY-MM-DD, timestamps as ISO 8601;
 * bigint: int and long; number: double; Uint8Array: binary.
 */
export type LakeValue = null | boolean | number | bigint | string | Uint8Array;

const SYNONYMS: Record<string, LakeType> = {
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

/** Reads a type name as people write it in a target schema: "long", "decimal(18,2)", "varchar". Throws InvalidError. */
export function parseLakeType(name: string): LakeType {
  const text = name.trim().toLowerCase();
  const decimal = /^(?:decimal|numeric)\((\d+)(?:,\s*(\d+))?\)$/.exec(text);
  if (decimal) return checkedDecimal(Number(decimal[1]), Number(decimal[2] ?? 0), name);
  const simple = SIMPLE_KINDS.find((kind) => kind === text);
  if (simple) return { kind: simple };
  const synonym = SYNONYMS[text.replace(/[(<].*$/s, '')];
  if (synonym) return synonym;
  throw new InvalidError(
    'type.unknown',
    `Type "${name}" is not known. Use one of ${SIMPLE_KINDS.join(', ')}, decimal(p,s).`,
  );
}

export function formatLakeType(type: LakeType): string {
  return type.kind === 'decimal' ? `decimal(${type.precision},${type.scale})` : type.kind;
}

function checkedDecimal(precision: number, scale: number, name: string): LakeType {
  if (precision < 1 || precision > 38 || scale > precision) {
    throw new InvalidError(
      'type.unknown',
      `Type "${name}" is out of range: decimal(p,s) needs 1 <= p <= 38 and s <= p.`,
    );
  }
  return { kind: 'decimal', precision, scale };
}
