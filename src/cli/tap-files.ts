import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { InvalidError, messageOf } from '../errors.ts';
import { parseTapState } from '../singer/tap-files/bookmarks.ts';
import { parseCatalog } from '../singer/tap-files/catalog.ts';
import { parseTapConfig } from '../singer/tap-files/config.ts';
import { createOutput, OutputClosed } from '../singer/tap-files/output.ts';
import { createReport } from '../singer/tap-files/report.ts';
import { discover, sync, type TapInput } from '../singer/tap-files/tap.ts';

/** What a shell says of a program whose reader went away (128 + SIGPIPE). */
const CLOSED_PIPE = 141;

/**
 * The Singer tap over files. Exit code 0: everything was sent; 1: something could not be, and stderr names it.
 * SIGTERM keeps its default: a handler would not run while a full pipe holds the process in write(2).
 */
export async function main(argv: string[]): Promise<number> {
  const options = readArguments(argv);
  const report = createReport((line) => void process.stderr.write(`tap-files: ${line}\n`));
  const config = parseTapConfig(await readJson('--config', options.config));
  const input: TapInput = {
    config,
    output: createOutput(process.stdout),
    report,
    cwd: process.cwd(),
    now: () => new Date(),
  };
  try {
    if (options.discover) await discover(input);
    else await runSync(input, options);
  } catch (error) {
    if (error instanceof OutputClosed) return CLOSED_PIPE;
    throw error;
  }
  return report.hasFailed() ? 1 : 0;
}

async function runSync(input: TapInput, { catalog, state }: Arguments): Promise<void> {
  const entries = catalog === undefined ? null : parseCatalog(await readJson('--catalog', catalog));
  await sync(input, entries, parseTapState(state === undefined ? {} : await readJson('--state', state)));
}

interface Arguments {
  config: string;
  discover: boolean;
  catalog: string | undefined;
  state: string | undefined;
}

function readArguments(argv: string[]): Arguments {
  const values = parse(argv);
  if (values.config === undefined) throw new InvalidError('tap.usage', `--config is required. ${USAGE}`);
  return {
    config: values.config,
    discover: values.discover === true,
    catalog: values.catalog ?? values.properties,
    state: values.state,
  };
}

const USAGE =
  'usage: ivory tap-files --config c.json [--discover | --catalog catalog.json] [--state state.json]';

function parse(argv: string[]) {
  const options = {
    config: { type: 'string', short: 'c' },
    discover: { type: 'boolean', short: 'd' },
    catalog: { type: 'string' },
    /** What older runners call the catalog. */
    properties: { type: 'string', short: 'p' },
    state: { type: 'string', short: 's' },
  } as const;
  try {
    return parseArgs({ args: argv, options, strict: true }).values;
  } catch (cause) {
    throw new InvalidError('tap.usage', `${messageOf(cause)} ${USAGE}`, { cause });
  }
}

async function readJson(option: string, path: string): Promise<unknown> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    const value: unknown = JSON.parse(text === '' ? '{}' : text);
    return value;
  } catch (cause) {
    throw new InvalidError('tap.argument_unreadable', `${option} ${path}: ${messageOf(cause)}`, { cause });
  }
}
