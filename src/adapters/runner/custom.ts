import type { Sql } from '../../db/client.ts';
import { AppError, InvalidError } from '../../errors.ts';
import type { RunHooks, Runner, RunOutcome, RunSpec } from '../../ports/runner.ts';
import { type ChildSpec, startChild } from './child-process.ts';
import { type CustomTap, type CustomTaps, getCustomTap } from './custom-taps.ts';
import { createRedactor } from './redaction.ts';
import { selectAll } from './singer-catalog.ts';
import { loadFromTap } from './singer-run.ts';
import { tapEnvironment, type WorkFolder, withWorkFolder } from './work-folder.ts';

export interface CustomRunnerOptions {
  /** Where staging lives. */
  sql: Sql;
  taps: CustomTaps;
  /** A tap that writes nothing for so long is ended. */
  idleTimeoutMs: number;
}

/** Runs Singer taps of the operator's allowlist directly, and loads what they write with Ivory's own loader. */
export function createCustomRunner({ sql, taps, idleTimeoutMs }: CustomRunnerOptions): Runner {
  return {
    type: 'custom',
    assertTap(tapName, tapVersion) {
      getCustomTap(taps, tapName);
      if (tapVersion !== null) {
        throw new InvalidError(
          'connector.tap_version_fixed',
          'A custom tap has the version the operator installed; leave tap_version out.',
        );
      }
    },
    execute(spec, hooks, signal) {
      const tap = getCustomTap(taps, spec.tapName);
      return withWorkFolder(async (folder) => {
        try {
          return await runTap({ sql, tap, spec, hooks, signal, folder, idleTimeoutMs });
        } catch (error) {
          if (signal.aborted || !isSourceFailure(error)) throw error;
          return {
            status: 'failed',
            rowsWritten: 0,
            state: null,
            streams: {},
            errorCode: error.code,
            errorMsg: error.message,
          };
        }
      });
    },
  };
}

interface TapRun {
  sql: Sql;
  tap: CustomTap;
  spec: RunSpec;
  hooks: RunHooks;
  signal: AbortSignal;
  folder: WorkFolder;
  idleTimeoutMs: number;
}

async function runTap(run: TapRun): Promise<RunOutcome> {
  const { tap, spec, folder, hooks } = run;
  const config = { ...spec.config, ...tap.forcedConfig?.(spec.tenantId) };
  const redact = createRedactor(spec.config);
  const configFile = await folder.write('config.json', JSON.stringify(config));
  const child = (args: string[]): ChildSpec => ({
    command: [...tap.command, '--config', configFile, ...args],
    cwd: folder.path,
    env: tapEnvironment(folder),
    onStderr: (line) => hooks.log(redact(line)),
  });
  const catalog = tap.discover ? await discover(child(['--discover']), run) : [];
  const state = spec.state === null ? [] : ['--state', await folder.write('state.json', spec.state)];
  const outcome = await loadFromTap({ ...run, child: child([...catalog, ...state]) });
  return 'errorMsg' in outcome ? { ...outcome, errorMsg: redact(outcome.errorMsg) } : outcome;
}

/** Asks the tap for its catalog and gives it back with everything selected. */
async function discover(spec: ChildSpec, { folder, signal }: TapRun): Promise<string[]> {
  const child = startChild(spec);
  const onAbort = () => void child.kill();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const text = await readAll(child.stdout);
    const { code } = await child.exited;
    if (code !== 0)
      throw new InvalidError(
        'tap.discover_failed',
        `The tap's discovery ended with exit code ${code}; its log says why.`,
      );
    return ['--catalog', await folder.write('catalog.json', selectAll(text))];
  } finally {
    signal.removeEventListener('abort', onAbort);
    await child.kill();
  }
}

const MAX_CATALOG_BYTES = 64 * 1024 * 1024;

async function readAll(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    const buffer = chunk as Buffer;
    bytes += buffer.length;
    if (bytes > MAX_CATALOG_BYTES)
      throw new InvalidError('tap.invalid_catalog', "The tap's catalog is larger than 64 MB.");
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function isSourceFailure(error: unknown): error is AppError {
  return error instanceof AppError && error.retry === 'terminal' && error.code !== 'run.lease_lost';
}
