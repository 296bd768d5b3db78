import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isGzip, plainBytes, rawBytes } from './bytes.ts';
import type { Columns } from './columns.ts';
import type { StreamConfig } from './config.ts';
import { readCsv } from './csv.ts';
import { readCsvHeader } from './csv-header.ts';
import { emitJsonRecord } from './json-record.ts';
import { createJsonSplitter } from './json-splitter.ts';
import { readJsonLines } from './jsonl.ts';
import { readParquet } from './parquet.ts';
import type { ReadOptions, RowSink } from './row-sink.ts';
import type { SourceFile } from './source-files.ts';
import { decodedText, textBlocks } from './text-blocks.ts';

export interface ReadInput {
  file: SourceFile;
  options: ReadOptions;
  columns: Columns;
  sink: RowSink;
  /** Where to start instead of the beginning. */
  from?: { byte: number; line: number } | undefined;
}

/** Reads a file into the sink. Answers the sha256 of the whole file; undefined where it was not read whole. Throws FileError or what the reader met. */
export async function readFile({
  file,
  options,
  columns,
  sink,
  from,
}: ReadInput): Promise<string | undefined> {
  const hash = createHash('sha256');
  if (file.format === 'parquet') return await readParquetFile(file, columns, sink, hash);
  const bytes = plainBytes(file, from?.byte ?? 0, hash);
  if (file.format === 'json') await readJsonArray(bytes, options.encoding, columns, sink);
  else {
    const blocks = textBlocks(bytes, options.encoding, from?.line ?? 1);
    if (file.format === 'jsonl') await readJsonLines(blocks, columns, sink);
    else {
      const header = from && options.hasHeader ? await readCsvHeader(file, options) : undefined;
      await readCsv(blocks, options, { columns, sink, header });
    }
  }
  return from ? undefined : hash.digest('hex');
}

/** Whether what was added to such a file can be read alone. */
export function canAppend(file: SourceFile, options: ReadOptions): boolean {
  const isLines = file.format === 'csv' || file.format === 'tsv' || file.format === 'jsonl';
  return isLines && !new TextDecoder(options.encoding).encoding.startsWith('utf-16');
}

export function readOptionsOf(stream: StreamConfig, file: SourceFile): ReadOptions {
  return {
    delimiter: stream.delimiter ?? (file.format === 'tsv' ? '\t' : ','),
    quote: stream.quote,
    encoding: stream.encoding,
    hasHeader: stream.has_header,
    nullValues: new Set(stream.null_values),
  };
}

async function readJsonArray(
  bytes: AsyncIterable<Buffer>,
  encoding: string,
  columns: Columns,
  sink: RowSink,
): Promise<void> {
  const splitter = createJsonSplitter((text, line, record) =>
    emitJsonRecord(text, record, columns, sink, line),
  );
  for await (const text of decodedText(bytes, encoding)) {
    splitter.push(text);
    if (!(await sink.ready())) return;
  }
  splitter.end();
}

/** Parquet is read from its end: a packed one is unpacked into a temporary file first. */
async function readParquetFile(
  file: SourceFile,
  columns: Columns,
  sink: RowSink,
  hash: Hash,
): Promise<string> {
  let first: Buffer | undefined;
  for await (const chunk of rawBytes(file)) {
    first ??= chunk;
    hash.update(chunk);
  }
  const packed = first !== undefined && isGzip(first);
  if (!packed) await readParquet(file.realPath, columns, sink);
  else await readPackedParquet(file, columns, sink);
  return hash.digest('hex');
}

async function readPackedParquet(file: SourceFile, columns: Columns, sink: RowSink): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tap-files-'));
  try {
    const path = join(folder, 'unpacked.parquet');
    await pipeline(plainBytes(file, 0, createHash('sha256')), createWriteStream(path));
    await readParquet(path, columns, sink);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
