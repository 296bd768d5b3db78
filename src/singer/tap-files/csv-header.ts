import { createHash } from 'node:crypto';
import { plainBytes } from './bytes.ts';
import { cutRecord } from './csv-record.ts';
import { FileError } from './errors.ts';
import { uniqueNames } from './header.ts';
import type { ReadOptions } from './row-sink.ts';
import type { SourceFile } from './source-files.ts';
import { textBlocks } from './text-blocks.ts';

/** The column names of a CSV file, for a read that starts behind them. */
export async function readCsvHeader(
  file: SourceFile,
  { encoding, delimiter, quote }: ReadOptions,
): Promise<string[]> {
  let held = '';
  for await (const { text } of textBlocks(plainBytes(file, 0, createHash('sha256')), encoding)) {
    held += text;
    const start = /^(?:\r?\n)*/.exec(held)?.[0].length ?? 0;
    const record = start < held.length ? cutRecord(held, start, delimiter, quote) : null;
    if (record) return uniqueNames(record.fields);
  }
  throw new FileError('tap.file_corrupt', 'the header cannot be read', { line: 1 });
}
