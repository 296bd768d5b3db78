import { Readable } from 'node:stream';
import type { Pool } from '../../../db/client.ts';
import { type JsonText, parseLossless } from '../../../domain/lossless-json.ts';
import type { RunHooks, RunOutcome, RunSpec } from '../../../ports/runner.ts';
import type { LoadResult } from '../../../singer/load.ts';
import { DEFAULT_LOAD_SETTINGS } from '../../../singer/load-settings.ts';
import type { Child } from '../process/child.ts';
import { createIdleTimer } from '../process/idle-timer.ts';
import { loadFromChild } from '../singer/load-from-child.ts';
import { lineTexts } from './line-texts.ts';
import { type ReadEnd, readProblem } from './read-problem.ts';
import type { SourceProgram } from './source-program.ts';
import { openSourceRead } from './source-read.ts';
import { openSourceState } from './source-state.ts';
import type { SyncStream } from './sync-streams.ts';
import { createTranslator, type Translator } from './translator.ts';

export interface ReadRun {
  source: SourceProgram;
  pool: Pool;
  spec: RunSpec;
  hooks: RunHooks;
  streams: readonly SyncStream[];
  /** Arguments that name the config's file. */
  config: readonly string[];
}

const { maxLineBytes } = DEFAULT_LOAD_SETTINGS;
/** What a line may grow by on its way to Singer. */
const ROOM_BYTES = 1024 * 1024;

/**
 * Reads a source into staging. A source that failed after a new state was durable is `partial`; without progress it is `failed`. Throws what is
 * not the source's fault, and AppError for output that cannot be loaded.
 */
export async function readSource(run: ReadRun): Promise<RunOutcome> {
  const { source, spec, streams } = run;
  const state = openSourceState(spec.state);
  const read = openSourceRead({ streams, state, log: source.log, startedAtMs: Date.now() });
  const translator = createTranslator(read, source.keepSecret);
  const args = [...run.config, ...(await files(run, state.forSource()))];
  const child = source.host.start(source.command(['read', ...args]));
  const idle = createIdleTimer(child, source.idleTimeoutMs);
  const isWhole = () => !idle.fired() && !source.signal.aborted;
  try {
    const [loaded, exit] = await Promise.all([load(run, child, translator, isWhole), child.exited]);
    return outcomeOf(run, loaded, {
      exit,
      idle: idle.fired() ? idle.message : null,
      failures: read.failures,
      isBroken: read.isBroken(),
      incomplete: translator.incomplete(),
      lastWords: source.lastWords.text(),
    });
  } finally {
    idle.clear();
    await child.kill();
  }
}

async function files({ source: { folder }, streams }: ReadRun, state: JsonText | null): Promise<string[]> {
  const catalog = JSON.stringify({ streams: streams.map(({ configured }) => configured) });
  const written = ['--catalog', await folder.write('catalog.json', catalog)];
  return state === null ? written : [...written, '--state', await folder.write('state.json', state)];
}

/** Loads until the source's output ends; a loader that fails takes the source with it. */
function load(
  { source, pool, spec, hooks }: ReadRun,
  child: Child,
  translator: Translator,
  isWhole: () => boolean,
): Promise<LoadResult> {
  const { signal, redact } = source;
  const singer = Readable.from(singerLines(child, translator, isWhole), { objectMode: false });
  // a destroyed reader may tell of its error after the loader has let go of it
  singer.on('error', () => {});
  return loadFromChild({
    child,
    source: singer,
    pool,
    spec,
    hooks,
    redact,
    signal,
    settings: { validateRecords: false, maxLineBytes: maxLineBytes + ROOM_BYTES },
  });
}

async function* singerLines(
  child: Child,
  translator: Translator,
  isWhole: () => boolean,
): AsyncGenerator<string> {
  for await (const text of lineTexts(child.stdout, maxLineBytes)) {
    const lines = translator.take(text);
    if (lines !== '') yield lines;
  }
  const exit = await child.exited;
  const rest = translator.end(exit.code === 0 && isWhole());
  if (rest !== '') yield rest;
}

function outcomeOf({ spec, source }: ReadRun, loaded: LoadResult, end: ReadEnd): RunOutcome {
  const counts = { rowsWritten: loaded.rows, state: loaded.state, streams: loaded.streams };
  const problem = readProblem(end);
  if (problem === null) return { status: 'completed', ...counts };
  return {
    status: isNews(loaded.state, spec.state) ? 'partial' : 'failed',
    ...counts,
    errorCode: problem.errorCode,
    errorMsg: source.redact(problem.errorMsg),
  };
}

function isNews(state: JsonText | null, before: JsonText | null): boolean {
  if (state === null || before === null) return state !== null;
  const plain = (text: JsonText) => JSON.stringify(parseLossless(text));
  return plain(state) !== plain(before);
}
