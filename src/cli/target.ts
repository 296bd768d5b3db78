import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { AppError, InvalidError, messageOf } from '../errors.ts';
import { logLine } from './target/log-line.ts';

const USAGE = 'usage: ivory target --config config.json < singer.jsonl\n';

/**
 * `ivory target`, a Singer target for Postgres: messages on stdin, durable STATE lines on stdout, JSON logs on stderr. Exit code 0 when
 * everything read is durable, 1 otherwise; nothing of an unfinished transaction remains. With `relay_socket` in its config it loads
 * nothing itself: a runner that listens there does.
 */
export async function main(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: { config: { type: 'string', short: 'c' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help || values.config === undefined) {
    process.stderr.write(USAGE);
    return values.help ? 0 : 1;
  }
  try {
    await carry(readConfig(values.config));
    return 0;
  } catch (error) {
    logLine('error', messageOf(error), {
      code: error instanceof AppError ? error.code : 'internal',
      cause: causeOf(error),
    });
    return 1;
  }
}

/** Each way loads only what it needs: a relay has to be there at once. */
async function carry(config: unknown): Promise<void> {
  const { relayOf } = await import('./target/relay-config.ts');
  const relay = relayOf(config);
  if (relay) {
    const { relayStdin } = await import('./target/relay-stdin.ts');
    return relayStdin(relay);
  }
  // First of all the young heap is kept small, which lowers the peak of a long load.
  setFlagsFromString('--semi-space-growth-factor=1');
  const { loadStdin } = await import('./target/load-stdin.ts');
  await loadStdin(config);
}

function readConfig(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new InvalidError('target.config_invalid', `${path} cannot be read as JSON.`, { cause });
  }
}

/** What the database said, without the statement or its values. */
function causeOf(error: unknown): string | undefined {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? undefined : messageOf(cause);
}
