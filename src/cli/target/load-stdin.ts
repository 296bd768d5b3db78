import { readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { openPool } from '../../db/pool.ts';
import { AppError, InvalidError, messageOf } from '../../errors.ts';
import { fenceGuard } from '../../singer/fence-guard.ts';
import { type LoadResult, loadSinger } from '../../singer/load.ts';
import { parseTargetConfig, type TargetConfig } from '../../singer/target-settings.ts';

const USAGE = 'usage: ivory target --config config.json < singer.jsonl\n';

/**
 * A Singer target for Postgres: messages on stdin, durable STATE lines on stdout, JSON logs on stderr. Exit code 0 when everything
 * read is durable, 1 otherwise; nothing of an unfinished transaction remains.
 */
export async function loadStdin(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: { config: { type: 'string', short: 'c' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help || values.config === undefined) {
    process.stderr.write(USAGE);
    return values.help ? 0 : 1;
  }
  try {
    const result = await load(parseTargetConfig(readConfig(values.config)));
    log('info', 'loaded', { rows: result.rows, bytes: result.bytes, streams: result.streams });
    return 0;
  } catch (error) {
    log('error', messageOf(error), {
      code: error instanceof AppError ? error.code : 'internal',
      cause: causeOf(error),
    });
    return 1;
  }
}

async function load({ databaseUrl, settings, fence }: TargetConfig): Promise<LoadResult> {
  const interrupted = new AbortController();
  const stop = (signal: NodeJS.Signals) =>
    interrupted.abort(new InvalidError('target.interrupted', `Stopped by ${signal}.`));
  process.once('SIGTERM', stop).once('SIGINT', stop);
  process.stdout.on('error', () =>
    interrupted.abort(new InvalidError('target.output_closed', 'Nobody reads the STATE lines any more.')),
  );
  const pool = openPool(databaseUrl, { maxConnections: 1, applicationName: 'ivory target' });
  try {
    const result = await loadSinger({
      source: process.stdin,
      pool,
      settings,
      signal: interrupted.signal,
      hooks: {
        onState: (state) => writeLine(process.stdout, state),
        onWarning: (message) => log('warn', message),
        ...(fence && { guardCommit: fenceGuard(fence) }),
      },
    });
    await delivered(process.stdout);
    interrupted.signal.throwIfAborted();
    return result;
  } finally {
    await pool.end();
    process.stdin.destroy();
    process.removeListener('SIGTERM', stop).removeListener('SIGINT', stop);
  }
}

/** Resolves when nothing written before is waiting any more, read or not. */
function delivered(output: Writable): Promise<void> {
  return new Promise((resolve) => output.write('', () => resolve()));
}

function writeLine(output: Writable, line: string): void {
  output.write(`${line}\n`);
}

function readConfig(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new InvalidError('target.config_invalid', `${path} cannot be read as JSON.`, { cause });
  }
}

function log(level: 'info' | 'warn' | 'error', message: string, more: Record<string, unknown> = {}): void {
  process.stderr.write(
    `${JSON.stringify({ level, time: new Date().toISOString(), ...more, msg: message })}\n`,
  );
}

/** What the database said, without the statement or its values. */
function causeOf(error: unknown): string | undefined {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? undefined : messageOf(cause);
}
