import type { LakeType } from '../../../../domain/lake-type.ts';
import type { StructWriter } from './compact-writer.ts';

/** Numbers of parquet.thrift (apache/parquet-format). */
const PHYSICAL = { boolean: 0, int32: 1, int64: 2, double: 5, bytes: 6, fixed: 7 } as const;
const CONVERTED = { utf8: 0, decimal: 5, date: 6, timestampMicros: 10 } as const;
const OPTIONAL = 1;

/** Bytes of a decimal of more than 18 digits: room for 38. */
export const WIDE_DECIMAL_BYTES = 16;

export function writeRootElement(element: StructWriter, columns: number): void {
  element.text(4, 'row');
  element.int(5, columns);
}

/** The column at place `at`, nullable. */
export function writeColumnElement(element: StructWriter, at: number, type: LakeType | undefined): void {
  if (!type) return;
  element.int(1, physicalType(type));
  if (isWideDecimal(type)) element.int(2, WIDE_DECIMAL_BYTES);
  element.int(3, OPTIONAL);
  element.text(4, columnName(at));
  writeMeaning(element, type);
}

function writeMeaning(element: StructWriter, type: LakeType): void {
  switch (type.kind) {
    case 'string':
    case 'uuid':
    case 'json':
      element.int(6, CONVERTED.utf8);
      element.struct(10, (logical) => logical.struct(1, () => {}));
      return;
    case 'decimal':
      element.int(6, CONVERTED.decimal);
      element.int(7, type.scale);
      element.int(8, type.precision);
      element.struct(10, (logical) =>
        logical.struct(5, (decimal) => {
          decimal.int(1, type.scale);
          decimal.int(2, type.precision);
        }),
      );
      return;
    case 'date':
      element.int(6, CONVERTED.date);
      element.struct(10, (logical) => logical.struct(6, () => {}));
      return;
    case 'timestamp':
      writeTimestamp(element, false);
      return;
    case 'timestamptz':
      element.int(6, CONVERTED.timestampMicros);
      writeTimestamp(element, true);
      return;
    case 'boolean':
    case 'int':
    case 'long':
    case 'double':
    case 'binary':
      return;
  }
}

function writeTimestamp(element: StructWriter, isAdjustedToUtc: boolean): void {
  element.struct(10, (logical) =>
    logical.struct(8, (timestamp) => {
      timestamp.bool(1, isAdjustedToUtc);
      timestamp.struct(2, (unit) => unit.struct(2, () => {}));
    }),
  );
}

export function physicalType(type: LakeType): number {
  switch (type.kind) {
    case 'boolean':
      return PHYSICAL.boolean;
    case 'int':
    case 'date':
      return PHYSICAL.int32;
    case 'long':
    case 'timestamp':
    case 'timestamptz':
      return PHYSICAL.int64;
    case 'double':
      return PHYSICAL.double;
    case 'decimal':
      if (isWideDecimal(type)) return PHYSICAL.fixed;
      return type.precision <= 9 ? PHYSICAL.int32 : PHYSICAL.int64;
    case 'string':
    case 'uuid':
    case 'json':
    case 'binary':
      return PHYSICAL.bytes;
  }
}

function isWideDecimal(type: LakeType): boolean {
  return type.kind === 'decimal' && type.precision > 18;
}

export function columnName(at: number): string {
  return `c${at}`;
}
