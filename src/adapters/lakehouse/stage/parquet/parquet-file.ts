import { setImmediate as turn } from 'node:timers/promises';
import { isNestedType, type LakeType, type LakeValue } from '../../../../domain/lake-type.ts';
import { createColumnChunk } from './column-chunk.ts';
import { createCompressor } from './compressor.ts';
import { fileFooter, MAGIC, type RowGroup } from './metadata.ts';
import { createNestedChunks } from './nested-chunks.ts';

/** A row group ends at the first of these. It is what a file in the making holds in memory. */
const GROUP_ROWS = 131_072;
const GROUP_RAW_BYTES = 32 * 1024 * 1024;
/** Values taken between two looks at the clock. */
const SLICE_VALUES = 4096;
/** After so long others get their turn. */
const TURN_MS = 10;

/**
 * A Parquet file in the making: columns c0, c1, .. all nullable, plain encoding, zstd. Not a package's writer, because those encode a whole row
 * group in one call, which blocks everything else in the process for as long, and keep the group's values until then.
 */
export interface ParquetFile {
  /** Encodes rows, handing finished row groups on; one call at a time. Throws InvalidError (a value) and what `write` throws. */
  append(rows: readonly (readonly LakeValue[])[]): Promise<void>;
  rows(): number;
  /** What was handed on so far. */
  sizeBytes(): number;
  /** Hands on what is left and the footer. */
  finish(): Promise<void>;
}

export function createParquetFile(
  types: readonly LakeType[],
  write: (bytes: Buffer) => Promise<void>,
): ParquetFile {
  const compressor = createCompressor();
  const columns = types.map((type, at) =>
    isNestedType(type) ? createNestedChunks(type, at, compressor) : createColumnChunk(type, at, compressor),
  );
  const chunks = columns.flatMap((column) => column.chunks);
  const sliceRows = Math.max(1, Math.floor(SLICE_VALUES / Math.max(1, types.length)));
  const groups: RowGroup[] = [];
  let size = 0;
  let rowsDone = 0;
  let groupRows = 0;
  let groupRawBytes = 0;
  let turnBegan = performance.now();

  async function send(bytes: Buffer) {
    await write(bytes);
    size += bytes.length;
  }

  async function append(rows: readonly (readonly LakeValue[])[]) {
    if (size === 0) await send(MAGIC);
    turnBegan = performance.now();
    for (let from = 0; from < rows.length; ) {
      const to = Math.min(rows.length, from + sliceRows, from + GROUP_ROWS - groupRows);
      for (const column of columns) groupRawBytes += column.append(rows, from, to);
      groupRows += to - from;
      from = to;
      await compressor.room();
      if (groupRows >= GROUP_ROWS || groupRawBytes >= GROUP_RAW_BYTES) await endGroup();
      await giveTurn();
    }
  }

  async function giveTurn() {
    if (performance.now() - turnBegan < TURN_MS) return;
    await turn();
    turnBegan = performance.now();
  }

  async function endGroup() {
    const group: RowGroup = { rows: groupRows, chunks: [] };
    for (const chunk of chunks) {
      const offset = size;
      group.chunks.push({ offset, ...(await chunk.end(send)) });
      await giveTurn();
    }
    groups.push(group);
    rowsDone += groupRows;
    groupRows = 0;
    groupRawBytes = 0;
  }

  return {
    append,
    rows: () => rowsDone + groupRows,
    sizeBytes: () => size,
    async finish() {
      if (size === 0) await send(MAGIC);
      if (groupRows > 0) await endGroup();
      await send(fileFooter(types, groups));
    },
  };
}
