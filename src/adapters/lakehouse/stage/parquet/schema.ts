import { isNestedType, type LakeType, type ScalarLakeType } from '../../../../domain/lake-type.ts';
import type { StructWriter } from './compact-writer.ts';

/** Numbers of parquet.thrift (apache/parquet-format). */
const PHYSICAL = { boolean: 0, int32: 1, int64: 2, double: 5, bytes: 6, fixed: 7 } as const;
const CONVERTED = { utf8: 0, map: 1, list: 3, decimal: 5, date: 6, timestampMicros: 10 } as const;
const REPETITION = { required: 0, optional: 1, repeated: 2 } as const;

/** Bytes of a decimal of more than 18 digits: room for 38. */
export const WIDE_DECIMAL_BYTES = 16;

/** A line of a file's schema: a group of `children` lines after it, or a column. */
export interface SchemaElement {
  name: string;
  repetition: keyof typeof REPETITION | null;
  children: number;
  /** What the values mean; null: nothing but a group. */
  type: LakeType | null;
}

/** A column of scalars in the file. */
export interface SchemaLeaf {
  path: readonly string[];
  type: ScalarLakeType;
}

/** The schema of a file with columns c0, c1, .. of these types, each nullable, depth first. Fields of structs are f0, f1, .. */
export function schemaOf(types: readonly LakeType[]): { elements: SchemaElement[]; leaves: SchemaLeaf[] } {
  const root: SchemaElement = { name: 'row', repetition: null, children: types.length, type: null };
  const columns = types.map((type, at) => nullable(type, [`c${at}`]));
  return {
    elements: [root, ...columns.flatMap(({ elements }) => elements)],
    leaves: columns.flatMap(({ leaves }) => leaves),
  };
}

interface Part {
  elements: SchemaElement[];
  leaves: SchemaLeaf[];
}

function nullable(type: LakeType, path: readonly string[]): Part {
  switch (type.kind) {
    case 'struct':
      return group('optional', null, path, fieldsOf(type, path));
    case 'list': {
      const list = [...path, 'list'];
      const element = nullable(type.element, [...list, 'element']);
      return group('optional', type, path, [group('repeated', null, list, [element])]);
    }
    case 'map': {
      const entry = [...path, 'key_value'];
      const parts = [
        column('required', type.key, [...entry, 'key']),
        nullable(type.value, [...entry, 'value']),
      ];
      return group('optional', type, path, [group('repeated', null, entry, parts)]);
    }
    default:
      return column('optional', type, path);
  }
}

function fieldsOf({ fields }: Extract<LakeType, { kind: 'struct' }>, path: readonly string[]): Part[] {
  return fields.map(({ type }, n) => nullable(type, [...path, `f${n}`]));
}

function group(
  repetition: SchemaElement['repetition'],
  type: LakeType | null,
  path: readonly string[],
  parts: readonly Part[],
): Part {
  const element = { name: path.at(-1) ?? '', repetition, children: parts.length, type };
  return {
    elements: [element, ...parts.flatMap(({ elements }) => elements)],
    leaves: parts.flatMap(({ leaves }) => leaves),
  };
}

function column(repetition: 'optional' | 'required', type: ScalarLakeType, path: readonly string[]): Part {
  return {
    elements: [{ name: path.at(-1) ?? '', repetition, children: 0, type }],
    leaves: [{ path, type }],
  };
}

export function writeElement(
  element: StructWriter,
  { name, repetition, children, type }: SchemaElement,
): void {
  if (type && !isNestedType(type)) {
    element.int(1, physicalType(type));
    if (isWideDecimal(type)) element.int(2, WIDE_DECIMAL_BYTES);
  }
  if (repetition) element.int(3, REPETITION[repetition]);
  element.text(4, name);
  if (children > 0) element.int(5, children);
  if (type) writeMeaning(element, type);
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
    case 'list':
      element.int(6, CONVERTED.list);
      element.struct(10, (logical) => logical.struct(3, () => {}));
      return;
    case 'map':
      element.int(6, CONVERTED.map);
      element.struct(10, (logical) => logical.struct(2, () => {}));
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
    case 'struct':
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

export function physicalType(type: ScalarLakeType): number {
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
