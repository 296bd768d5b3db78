import type { Writable } from 'node:stream';
import { openPool } from '../../db/pool.ts';
import { InvalidError } from '../../errors.ts';
import { fenceGuard } from '../../singer/fence-guard.ts';
import { type LoadResult, loadSinger } from '../../singer/load.ts';
import { databaseCode } from '../../singer/staging-session.ts';
import { parseTargetConfig, type TargetConfig } from '../../singer/target-settings.ts';
import { logLine } from './log-line.ts';

/** Loads Singer messages from stdin as the target's config says; the states that are durable go to stdout. */
export async function loadStdin(config: unknown): Promise<void> {
  const { rows, bytes, streams } = await load(parseTargetConfig(config));
  logLine('info', 'loaded', { rows, bytes, streams });
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
        onWarning: (message) => logLine('warn', message),
        ...(fence && { guardCommit: fenceGuard(fence) }),
      },
    });
    await delivered(process.stdout);
    interrupted.signal.throwIfAborted();
    return result;
  } catch (error) {
    throw refusedByDatabase(error) ?? error;
  } finally {
    await pool.end();
    process.stdin.destroy();
    process.removeListener('SIGTERM', stop).removeListener('SIGINT', stop);
  }
}

const REFUSALS: Record<string, string> = {
  '28P01': 'The database refuses the user or the password.',
  '28000': 'The database does not let this user in.',
  '3D000': 'There is no such database.',
  '42501':
    'The user may not do this in the database: it needs CREATE on the database or on the schema, and to own the tables.',
};

function refusedByDatabase(cause: unknown): InvalidError | null {
  const { [databaseCode(cause)]: reason } = REFUSALS;
  return reason === undefined ? null : new InvalidError('target.database_refused', reason, { cause });
}

/** Resolves when nothing written before is waiting any more, read or not. */
function delivered(output: Writable): Promise<void> {
  return new Promise((resolve) => output.write('', () => resolve()));
}

function writeLine(output: Writable, line: string): void {
  output.write(`${line}\n`);
}
