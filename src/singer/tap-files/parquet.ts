import {
  asyncBufferFromFile,
  type FileMetaData,
  type ParquetScan,
  parquetMetadataAsync,
  parquetScan,
  parquetSchema,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { jsonCell } from './cells.ts';
import type { Column, Columns } from './columns.ts';
import { leafParsers } from './parquet-leaf.ts';
import { columnOf, losslessMetadata, type ParquetColumn, printed } from './parquet-tree.ts';
import type { RowSink } from './row-sink.ts';

/** One column that is read: where it comes from and where it goes. */
interface Reading {
  from: ParquetColumn;
  to: Column;
  /** A new reader each time: one keeps the last values it gave, and those of a row group are many. */
  open(): Promise<ParquetScan>;
}

/** Much less would decode one page of a well packed column again for every slice it spans. */
const SLICE_ROWS = 500_000;

/** Declares the file's columns with the types of its own schema and streams its rows, one row group (or slice of one) at a time. */
export async function readParquet(path: string, columns: Columns, sink: RowSink): Promise<void> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file, { geoparquet: false });
  const readings: Reading[] = [];
  for (const tree of parquetSchema(metadata).children) {
    const from = columnOf(tree);
    const to = columns.get(from.name);
    columns.widen(to, from.type, from.property);
    if (!to.selected) continue;
    const parsers = leafParsers(from.isUtc);
    const lossless = losslessMetadata(metadata);
    const columnOnly = { file, metadata: lossless, columns: [from.name], compressors, parsers };
    const open = () => parquetScan({ ...columnOnly, utf8: false, geoparquet: false });
    readings.push({ from, to, open });
  }
  if (sink.isSample) return;
  const isSliced = canSlice(metadata) && readings.every(({ from }) => from.isFlat);
  for (const range of rangesOf(metadata, isSliced)) {
    await emitRange(readings, range, columns, sink);
    if (!(await sink.ready())) return;
  }
}

interface Range {
  rowStart: number;
  rowEnd: number;
}

/** With page indexes a slice of a group reads only its own pages; without them the group is decoded once as a whole. */
function canSlice(metadata: FileMetaData): boolean {
  return metadata.row_groups.every(({ columns }) =>
    columns.every((chunk) => chunk.offset_index_offset !== undefined),
  );
}

function* rangesOf(metadata: FileMetaData, isSliced: boolean): Generator<Range> {
  let groupStart = 0;
  for (const group of metadata.row_groups) {
    const groupEnd = groupStart + Number(group.num_rows);
    const step = isSliced ? SLICE_ROWS : groupEnd - groupStart;
    for (let rowStart = groupStart; rowStart < groupEnd; rowStart += step) {
      yield { rowStart, rowEnd: Math.min(groupEnd, rowStart + step) };
    }
    groupStart = groupEnd;
  }
}

const ROWS_BETWEEN_PAUSES = 4096;

async function emitRange(
  readings: readonly Reading[],
  range: Range,
  columns: Columns,
  sink: RowSink,
): Promise<void> {
  const values: ArrayLike<unknown>[] = [];
  const rows = range.rowEnd - range.rowStart;
  for (const { from, open } of readings) {
    const scan = await open();
    const column = await scan.readColumn({ column: from.name, ...range });
    if (column.length !== rows)
      throw new Error(`column "${from.name}" holds ${column.length} of ${rows} rows`);
    values.push(column);
  }
  for (let row = 0; row < rows; row++) {
    emitRow(readings, values, row, range.rowStart + row + 1, columns, sink);
    if (row % ROWS_BETWEEN_PAUSES === ROWS_BETWEEN_PAUSES - 1 && !(await sink.ready())) return;
  }
}

function emitRow(
  readings: readonly Reading[],
  values: readonly ArrayLike<unknown>[],
  row: number,
  record: number,
  columns: Columns,
  sink: RowSink,
): void {
  let body = '';
  for (let at = 0; at < readings.length; at++) {
    const reading = readings[at];
    if (!reading) continue;
    const { from, to } = reading;
    const value = values[at]?.[row];
    const json = printed(from, value);
    if (json === 'null') {
      if (to.isKey) {
        sink.bad(record, `the key "${to.name}" has no value`);
        return;
      }
      if (typeof value === 'number')
        sink.note(`column "${to.name}" holds NaN or infinity, which JSON cannot say: sent as null`);
    }
    if (body !== '') body += ',';
    body += to.label + (json === 'null' ? json : jsonCell(columns, to, json, from.type));
  }
  sink.row(record, body);
}
