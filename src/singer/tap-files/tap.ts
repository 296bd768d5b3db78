import type { TapState } from './bookmarks.ts';
import { type CatalogEntry, catalogEntry, SELECT_ALL, type Selection, selectionOf } from './catalog.ts';
import { createColumns, settleProperties } from './columns.ts';
import type { StreamConfig, TapConfig } from './config.ts';
import { FileError } from './errors.ts';
import { assertKeys, inferColumns } from './infer.ts';
import { stateMessage } from './messages.ts';
import type { Output } from './output.ts';
import type { Report } from './report.ts';
import { createFileFinder, type FileFinder, type SourceFile } from './source-files.ts';
import { syncStream } from './sync-stream.ts';

export interface TapInput {
  config: TapConfig;
  output: Output;
  report: Report;
  cwd: string;
  now(): Date;
}

/** Writes a Singer catalog of every configured stream that has a readable file. */
export async function discover({ config, output, report, cwd }: TapInput): Promise<void> {
  const finder = await createFileFinder({ root: config.root ?? null, jail: config.jail, cwd });
  const streams: unknown[] = [];
  for (const stream of config.streams) {
    const files = await filesOf(finder, config, stream, report);
    const columns = createColumns({ keys: stream.key_properties ?? [], isSelected: () => true });
    await inferColumns(stream, files, columns, (file, error) =>
      report.failure(stream.name, file.path, error),
    );
    const formats = [...new Set(files.map(({ format }) => format))];
    try {
      assertKeys(stream, columns);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      report.failure(stream.name, stream.path.join(', '), error);
    }
    if (files.length === 0) continue;
    streams.push(
      catalogEntry({ config: stream, properties: settleProperties(columns), files: files.length, formats }),
    );
  }
  output.write(`${JSON.stringify({ streams }, null, 2)}\n`);
  await output.flush();
}

/** Sends SCHEMA, RECORD and STATE messages of every selected stream. `catalog` null: of all of them. */
export async function sync(
  input: TapInput,
  catalog: readonly CatalogEntry[] | null,
  state: TapState,
): Promise<void> {
  const { config, output, report, cwd, now } = input;
  const finder = await createFileFinder({ root: config.root ?? null, jail: config.jail, cwd });
  const writeState = stateWriter(output, state, now);
  for (const stream of config.streams) {
    const selection = selectionFor(stream, catalog);
    if (!selection.isSelected) continue;
    const files = await filesOf(finder, config, stream, report);
    if (files.length === 0) continue;
    const bookmark = state.of(stream.name);
    await syncStream({
      stream,
      files,
      selection,
      bookmark,
      output,
      report,
      now,
      onFileDone: () => writeState(false),
    });
  }
  writeState(true);
  await output.flush();
}

async function filesOf(
  finder: FileFinder,
  config: TapConfig,
  stream: StreamConfig,
  report: Report,
): Promise<SourceFile[]> {
  const files = await finder.find(stream, (path, error) => report.failure(stream.name, path, error));
  const from = config.start_date === undefined ? null : new Date(config.start_date).toISOString();
  return from === null ? files : files.filter(({ mtime }) => mtime >= from);
}

function selectionFor(stream: StreamConfig, catalog: readonly CatalogEntry[] | null): Selection {
  if (!catalog) return SELECT_ALL;
  const entry = catalog.find(({ tap_stream_id: id, stream: name }) => (id ?? name) === stream.name);
  return entry ? selectionOf(entry) : { ...SELECT_ALL, isSelected: false };
}

const LARGE_STATE_CHARACTERS = 64 * 1024;
const LARGE_STATE_EVERY_MS = 1000;

/** A state of many thousand files is not repeated after each of them: at most once a second, and at the end. */
function stateWriter(output: Output, state: TapState, now: () => Date): (isLast: boolean) => void {
  let last = '';
  let writtenAt = 0;
  return (isLast) => {
    const at = now().getTime();
    if (!isLast && last.length > LARGE_STATE_CHARACTERS && at - writtenAt < LARGE_STATE_EVERY_MS) return;
    const message = stateMessage(state.toJson());
    if (message === last) return;
    last = message;
    writtenAt = at;
    output.write(message);
  };
}
