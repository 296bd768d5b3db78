import type { Columns } from './columns.ts';
import type { StreamConfig } from './config.ts';
import { asFileError, FileError } from './errors.ts';
import { readFile, readOptionsOf } from './read-file.ts';
import type { RowSink } from './row-sink.ts';
import type { SourceFile } from './source-files.ts';

/** Widens the columns by the first `infer_rows` rows of the newest files. A file that cannot be read is told and passed over. */
export async function inferColumns(
  stream: StreamConfig,
  files: readonly SourceFile[],
  columns: Columns,
  onProblem: (file: SourceFile, error: FileError) => void,
): Promise<void> {
  const limit = stream.infer_rows === 0 ? Number.POSITIVE_INFINITY : stream.infer_rows;
  let rows = 0;
  const sink: RowSink = {
    isSample: true,
    row,
    bad: () => {},
    note: () => {},
    ready: async () => rows < limit,
  };
  for (const file of files.toReversed()) {
    try {
      await readFile({ file, options: readOptionsOf(stream, file), columns, sink });
    } catch (error) {
      onProblem(file, asFileError(error));
    }
    if (rows >= limit) break;
  }

  function row(): void {
    rows++;
  }
}

/** Throws FileError `tap.key_missing` when a configured key is no column of the stream. */
export function assertKeys(stream: StreamConfig, columns: Columns): void {
  const names = new Set([...columns.all()].map(({ name }) => name));
  const missing = (stream.key_properties ?? []).find((key) => !names.has(key));
  if (missing === undefined || names.size === 0) return;
  throw new FileError(
    'tap.key_missing',
    `the key "${missing}" is no column; there are ${[...names].map((name) => `"${name}"`).join(', ')}`,
  );
}
