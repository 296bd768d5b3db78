import type { LakeType } from '../../../../domain/lake-type.ts';
import { encodeStruct, type StructWriter } from './compact-writer.ts';
import { physicalType, type SchemaLeaf, schemaOf, writeElement } from './schema.ts';

/** Numbers of parquet.thrift (apache/parquet-format). */
const PLAIN = 0;
const RLE = 3;
const ZSTD = 6;
const DATA_PAGE = 0;

export const MAGIC = Buffer.from('PAR1');

export interface ChunkSize {
  /** Pages with their headers. */
  rawBytes: number;
  storedBytes: number;
  /** Values and nulls. */
  entries: number;
}

export interface ChunkPlace extends ChunkSize {
  /** Where its first page begins in the file. */
  offset: number;
}

/** The chunks of every column, in the order of the schema. */
export interface RowGroup {
  rows: number;
  chunks: ChunkPlace[];
}

/** Header of a data page (version 1) of values in plain encoding with their levels. */
export function pageHeader(page: ChunkSize): Buffer {
  return encodeStruct((header) => {
    header.int(1, DATA_PAGE);
    header.int(2, page.rawBytes);
    header.int(3, page.storedBytes);
    header.struct(5, (data) => {
      data.int(1, page.entries);
      data.int(2, PLAIN);
      data.int(3, RLE);
      data.int(4, RLE);
    });
  });
}

/**
 * The end of a file whose columns are c0, c1, .. of these types, each nullable. Readers that know no better than Spark take dates before
 * 1582 for Julian ones unless the writer says that it is a Spark of 3.0 or later, which writes the calendar used everywhere today.
 */
export function fileFooter(types: readonly LakeType[], groups: readonly RowGroup[]): Buffer {
  const { elements, leaves } = schemaOf(types);
  const metadata = encodeStruct((file) => {
    file.int(1, 1);
    file.structs(2, elements, writeElement);
    file.long(
      3,
      sum(groups, ({ rows }) => rows),
    );
    file.structs(4, groups, (group, place) => writeRowGroup(group, leaves, place));
    file.structs(5, [null], (pair) => {
      pair.text(1, 'org.apache.spark.version');
      pair.text(2, '3.5.0');
    });
    file.text(6, 'ivory version 1 (build 0)');
  });
  const length = Buffer.alloc(4);
  length.writeUInt32LE(metadata.length);
  return Buffer.concat([metadata, length, MAGIC]);
}

function writeRowGroup(group: StructWriter, leaves: readonly SchemaLeaf[], { rows, chunks }: RowGroup): void {
  group.structs(1, [...chunks.entries()], (column, [at, chunk]) => {
    const leaf = leaves[at];
    if (!leaf) return;
    column.long(2, chunk.offset);
    column.struct(3, (meta) => {
      meta.int(1, physicalType(leaf.type));
      meta.ints(2, [PLAIN, RLE]);
      meta.texts(3, leaf.path);
      meta.int(4, ZSTD);
      meta.long(5, chunk.entries);
      meta.long(6, chunk.rawBytes);
      meta.long(7, chunk.storedBytes);
      meta.long(9, chunk.offset);
    });
  });
  group.long(
    2,
    sum(chunks, ({ rawBytes }) => rawBytes),
  );
  group.long(3, rows);
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
