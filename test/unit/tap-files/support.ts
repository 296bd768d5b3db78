import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { parseTapState } from '../../../src/singer/tap-files/bookmarks.ts';
import { parseCatalog } from '../../../src/singer/tap-files/catalog.ts';
import { parseTapConfig } from '../../../src/singer/tap-files/config.ts';
import { createOutput } from '../../../src/singer/tap-files/output.ts';
import { createReport } from '../../../src/singer/tap-files/report.ts';
import { discover, sync } from '../../../src/singer/tap-files/tap.ts';

export interface Message {
  type: string;
  stream: string;
  record: Record<string, unknown>;
  schema: { properties: Record<string, { type: string[]; format?: string }> };
  key_properties: string[];
  value: {
    bookmarks: Record<
      string,
      { files: Record<string, { size: number; mtime: string; sha256: string; rows: number }> }
    >;
  };
}

export interface TapRun {
  text: string;
  messages: Message[];
  records: Record<string, unknown>[];
  schemas: Message['schema']['properties'][];
  state: Message['value'];
  log: string[];
  failed: boolean;
}

/** Runs the tap in this process over real files, as the command line does. */
export async function runTap(
  config: unknown,
  { catalog, state }: { catalog?: unknown; state?: unknown } = {},
): Promise<TapRun> {
  const { log, read, input, report } = prepare(config);
  await sync(input, catalog === undefined ? null : parseCatalog(catalog), parseTapState(state));
  const messages = read()
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Message => JSON.parse(line));
  const last = messages.findLast(({ type }) => type === 'STATE');
  if (!last) throw new Error('the tap wrote no STATE');
  return {
    text: read(),
    messages,
    records: messages.filter(({ type }) => type === 'RECORD').map(({ record }) => record),
    schemas: messages.filter(({ type }) => type === 'SCHEMA').map(({ schema }) => schema.properties),
    state: last.value,
    log,
    failed: report.hasFailed(),
  };
}

export interface CatalogStream {
  stream: string;
  selected?: boolean;
  key_properties: string[];
  replication_method: string;
  schema: { properties: Record<string, Record<string, unknown>>; selected?: boolean };
  metadata: { breadcrumb: string[]; metadata: Record<string, unknown> }[];
}

export async function runDiscover(
  config: unknown,
): Promise<{ streams: CatalogStream[]; log: string[]; failed: boolean }> {
  const { log, read, input, report } = prepare(config);
  await discover(input);
  const { streams }: { streams: CatalogStream[] } = JSON.parse(read());
  return { streams, log, failed: report.hasFailed() };
}

export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'tap-files-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

function prepare(config: unknown) {
  const chunks: string[] = [];
  const log: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  const report = createReport((line) => void log.push(line));
  const input = {
    config: parseTapConfig(config),
    output: createOutput(stream),
    report,
    cwd: process.cwd(),
    now: () => new Date(),
  };
  return { log, read: () => chunks.join(''), input, report };
}
