import {
  isNestedType,
  type LakeType,
  type LakeValue,
  type NestedLakeType,
  type ScalarLakeType,
} from '../../../../domain/lake-type.ts';
import { type ColumnChunks, valueAt } from './column-chunk.ts';
import type { Compressor } from './compressor.ts';
import { createLeafChunk, type LeafChunk } from './leaf-chunk.ts';
import { type PresentValue, refused } from './put-value.ts';

/** A nested column: a chunk for each scalar within, in the order of the schema (see "Dremel" in the Parquet format). */
export function createNestedChunks(type: NestedLakeType, at: number, compressor: Compressor): ColumnChunks {
  const chunks: LeafChunk[] = [];
  const node = nodeOf(type, { repetition: 0, definition: 0 }, (leaf) => {
    const chunk = createLeafChunk(leaf, compressor);
    chunks.push(chunk);
    return chunk;
  });
  return {
    chunks,
    append(rows, from, to) {
      let size = 0;
      for (let n = from; n < to; n++) {
        node.put(valueAt(rows[n], at), 0);
        for (const chunk of chunks) size += chunk.endRows();
      }
      return size;
    },
  };
}

/** How many lists are around a place, and how many things on the way to it may be missing. */
interface Levels {
  repetition: number;
  definition: number;
}

type AddLeaf = (leaf: Parameters<typeof createLeafChunk>[0]) => LeafChunk;

/** Takes values of one place of the type apart. */
interface Node {
  put(value: LakeValue, repetition: number): void;
  /** Something on the way here is null or empty; `definition` says how far the way exists. */
  absent(repetition: number, definition: number): void;
}

/** Of a place that may be null. */
function nodeOf(type: LakeType, levels: Levels, addLeaf: AddLeaf): Node {
  if (!isNestedType(type)) return leafOf(type, { ...levels, definition: levels.definition + 1 }, addLeaf);
  if (type.kind === 'struct') return structOf(type, levels, addLeaf);
  const within = { repetition: levels.repetition + 1, definition: levels.definition + 2 };
  const item = type.kind === 'list' ? nodeOf(type.element, within, addLeaf) : entryOf(type, within, addLeaf);
  return repeated(type, levels, item);
}

/** `levels.definition`: that of a value which is there. */
function leafOf(type: ScalarLakeType, { repetition, definition }: Levels, addLeaf: AddLeaf): Node {
  const leaf = addLeaf({ type, maxRepetition: repetition, maxDefinition: definition });
  return {
    put: (value, at) =>
      value === null ? leaf.put(at, definition - 1, null) : leaf.put(at, definition, value),
    absent: (at, reached) => leaf.put(at, reached, null),
  };
}

function structOf(
  type: Extract<LakeType, { kind: 'struct' }>,
  { repetition, definition }: Levels,
  addLeaf: AddLeaf,
): Node {
  const within = { repetition, definition: definition + 1 };
  const fields = type.fields.map((field) => nodeOf(field.type, within, addLeaf));
  const absent = (at: number, reached: number) => {
    for (const field of fields) field.absent(at, reached);
  };
  return {
    absent,
    put(value, at) {
      if (value === null) return absent(at, definition);
      const values = itemsOf(value, type);
      if (values.length !== fields.length) throw refused(value, type);
      fields.forEach((field, n) => {
        field.put(values[n] ?? null, at);
      });
    },
  };
}

function repeated(type: NestedLakeType, { repetition, definition }: Levels, item: Node): Node {
  return {
    absent: item.absent,
    put(value, at) {
      if (value === null) return item.absent(at, definition);
      const items = itemsOf(value, type);
      if (items.length === 0) return item.absent(at, definition + 1);
      items.forEach((each, n) => {
        item.put(each, n === 0 ? at : repetition + 1);
      });
    },
  };
}

/** A pair of a map: its key is never null. */
function entryOf(type: Extract<LakeType, { kind: 'map' }>, levels: Levels, addLeaf: AddLeaf): Node {
  const key = leafOf(type.key, levels, addLeaf);
  const value = nodeOf(type.value, levels, addLeaf);
  return {
    absent(at, reached) {
      key.absent(at, reached);
      value.absent(at, reached);
    },
    put(entry, at) {
      const pair = entry === null ? [] : itemsOf(entry, type);
      if (pair.length !== 2 || (pair[0] ?? null) === null) throw refused(entry, type);
      key.put(pair[0] ?? null, at);
      value.put(pair[1] ?? null, at);
    },
  };
}

function itemsOf(value: PresentValue, type: NestedLakeType): readonly LakeValue[] {
  if (!isItems(value)) throw refused(value, type);
  return value;
}

function isItems(value: PresentValue): value is readonly LakeValue[] {
  return Array.isArray(value);
}
