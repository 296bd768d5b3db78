import type { FileBookmark, Plan } from './bookmarks.ts';
import { type Columns, settleProperties } from './columns.ts';
import type { StreamConfig } from './config.ts';
import { asFileError } from './errors.ts';
import { recordPrinter, schemaMessage } from './messages.ts';
import { type Output, OutputClosed } from './output.ts';
import { readFile, readOptionsOf } from './read-file.ts';
import { BAD_ROWS_TOLD, type Report } from './report.ts';
import type { RowSink } from './row-sink.ts';
import type { SourceFile } from './source-files.ts';

export interface SyncFileInput {
  stream: StreamConfig;
  keys: readonly string[];
  file: SourceFile;
  plan: Extract<Plan, { kind: 'read' | 'append' }>;
  columns: Columns;
  output: Output;
  report: Report;
  now(): Date;
}

/** Sends a file's rows, a new SCHEMA before any row that widens it. Answers its bookmark; null when something of it could not be sent. */
export async function syncFile(
  input: SyncFileInput,
): Promise<{ rows: number; bookmark: FileBookmark | null }> {
  const { stream, file, plan, columns, report } = input;
  const counts = { rows: 0, bad: 0 };
  const from = plan.kind === 'append' ? { byte: plan.fromByte, line: plan.firstLine } : undefined;
  let sha256: string | undefined;
  try {
    sha256 = await readFile({
      file,
      options: readOptionsOf(stream, file),
      columns,
      sink: fileSink(input, counts),
      from,
    });
  } catch (error) {
    if (error instanceof OutputClosed) throw error;
    report.failure(stream.name, file.path, asFileError(error));
    return { rows: counts.rows, bookmark: null };
  }
  if (counts.bad > 0) tellBadRows(input, counts.bad);
  const isDone = counts.bad === 0 || stream.on_bad_row === 'skip';
  const before = plan.kind === 'append' ? plan : { sha256: sha256 ?? '', rowsBefore: 0 };
  const { sizeBytes: size, mtime } = file;
  const bookmark = { size, mtime, sha256: before.sha256, rows: before.rowsBefore + counts.rows };
  return { rows: counts.rows, bookmark: isDone ? bookmark : null };
}

function fileSink(input: SyncFileInput, counts: { rows: number; bad: number }): RowSink {
  const { stream, keys, file, columns, output, report, now } = input;
  const print = recordPrinter(stream.name, file.path);
  const isSkipped = stream.on_bad_row === 'skip';
  const told = new Set<string>();
  let time = now().toISOString();
  return { isSample: false, row, bad, note, ready };

  function row(line: number, body: string): void {
    if (columns.changed) output.write(schemaMessage(stream.name, settleProperties(columns), keys));
    output.write(print(line, body, time));
    counts.rows++;
  }

  function bad(line: number, reason: string): void {
    counts.bad++;
    report.badRow({ stream: stream.name, path: file.path, line, isSkipped, count: counts.bad }, reason);
  }

  function note(text: string): void {
    if (!told.has(text)) report.note(stream.name, `${file.path}: ${text}`);
    told.add(text);
  }

  async function ready(): Promise<boolean> {
    await output.ready();
    time = now().toISOString();
    return true;
  }
}

function tellBadRows({ stream, file, report }: SyncFileInput, bad: number): void {
  const untold = bad > BAD_ROWS_TOLD ? `, ${bad - BAD_ROWS_TOLD} of them not listed` : '';
  const outcome = stream.on_bad_row === 'skip' ? 'skipped' : 'not sent; the file will be read again';
  report.note(stream.name, `${file.path}: ${bad} bad rows ${outcome}${untold}`);
}
