import { type Plan, planFile, type StreamBookmark } from './bookmarks.ts';
import { fingerprint } from './bytes.ts';
import { keyProperties, type Selection } from './catalog.ts';
import type { Property } from './column-type.ts';
import { type Columns, createColumns, SOURCE_FILE, SOURCE_LINE, settleProperties } from './columns.ts';
import type { StreamConfig } from './config.ts';
import { asFileError, FileError } from './errors.ts';
import { assertKeys, inferColumns } from './infer.ts';
import { schemaMessage } from './messages.ts';
import type { Output } from './output.ts';
import { canAppend, readOptionsOf } from './read-file.ts';
import type { Report } from './report.ts';
import type { SourceFile } from './source-files.ts';
import { syncFile } from './sync-file.ts';

export interface SyncStreamInput {
  stream: StreamConfig;
  files: readonly SourceFile[];
  selection: Selection;
  bookmark: StreamBookmark;
  output: Output;
  report: Report;
  now(): Date;
  /** Called after each file that is done; writes STATE. */
  onFileDone(): void;
}

/** A file with what is to be done about it. */
interface Work {
  file: SourceFile;
  plan: Extract<Plan, { kind: 'read' | 'append' }>;
}

/** Sends what is new in a stream's files, oldest file first. */
export async function syncStream(input: SyncStreamInput): Promise<void> {
  const { stream, selection, bookmark, output, report } = input;
  const keys = keyProperties(stream);
  const columns = createColumns({ keys: stream.key_properties ?? [], isSelected: selection.isFieldSelected });
  for (const [name, property] of Object.entries(selection.properties)) columns.declare(name, property);
  for (const [name, property] of Object.entries(bookmark.schema ?? {})) columns.declare(name, property);
  const work = await planAll(input);
  if (!(await prepareColumns(input, work, columns))) return;
  const properties = settleProperties(columns);
  output.write(schemaMessage(stream.name, properties, keys));
  let rows = 0;
  for (const { file, plan } of work) {
    const done = await syncFile({ ...input, keys, file, plan, columns });
    rows += done.rows;
    if (done.bookmark) bookmark.files[file.path] = done.bookmark;
    bookmark.schema = withoutMetadata(settleProperties(columns));
    if (done.bookmark) input.onFileDone();
  }
  report.note(stream.name, `${rows} rows from ${work.length} of ${input.files.length} files`);
}

/** The two metadata fields are always the same: a state need not carry them. */
function withoutMetadata(properties: Record<string, Property>): Record<string, Property> {
  const { [SOURCE_FILE]: _file, [SOURCE_LINE]: _line, ...own } = properties;
  return own;
}

/** Files that are new or changed. Those that only moved or were touched are remembered as they are now. */
async function planAll({ stream, files, selection, bookmark, report }: SyncStreamInput): Promise<Work[]> {
  const work: Work[] = [];
  for (const file of files) {
    const mayAppend = canAppend(file, readOptionsOf(stream, file));
    const known = selection.isFullTable ? { files: {} } : bookmark;
    try {
      const plan = await planFile({
        file,
        bookmark: known,
        present: files,
        canAppend: mayAppend,
        fingerprint,
      });
      if (plan.kind === 'read' || plan.kind === 'append') work.push({ file, plan });
      if (plan.kind !== 'same') continue;
      bookmark.files[file.path] = {
        size: file.sizeBytes,
        mtime: file.mtime,
        sha256: plan.sha256,
        rows: plan.rows,
      };
    } catch (error) {
      report.failure(stream.name, file.path, asFileError(error));
    }
  }
  return work;
}

/** Types from the files to be read, unless a catalog gave them; what cannot be read is told when its turn comes. */
async function prepareColumns(
  { stream, selection, report }: SyncStreamInput,
  work: readonly Work[],
  columns: Columns,
): Promise<boolean> {
  const isTyped = Object.keys(selection.properties).length > 0;
  if (!isTyped)
    await inferColumns(
      stream,
      work.map(({ file }) => file),
      columns,
      () => {},
    );
  try {
    assertKeys(stream, columns);
    return true;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    report.failure(stream.name, stream.path.join(', '), error);
    return false;
  }
}
