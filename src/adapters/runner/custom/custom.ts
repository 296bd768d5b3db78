import type { Pool } from '../../../db/client.ts';
import type { CheckOutcome, DiscoverOutcome } from '../../../domain/connector-task.ts';
import { InvalidError } from '../../../errors.ts';
import type { ProbeHooks, RunHooks, Runner, RunOutcome, RunSpec, TapSpec } from '../../../ports/runner.ts';
import type { ChildSpec } from '../process/child-process.ts';
import { pathsToRun } from '../process/paths-to-run.ts';
import type { ProcessHost } from '../process/process-host.ts';
import { createRedactor, type Redact } from '../process/redaction.ts';
import { tapEnvironment, type WorkFolder, withWorkFolder } from '../process/work-folder.ts';
import { readCatalog } from '../singer/discovery.ts';
import { awaitFirstMessage } from '../singer/first-message.ts';
import { discoveredStreams, selectAll } from '../singer/singer-catalog.ts';
import { loadFromTap } from '../singer/singer-run.ts';
import type { TapWatch } from '../singer/tap-watch.ts';
import { failedOutcome, refusalOf } from '../source-refusal.ts';
import { type CustomTap, type CustomTaps, getCustomTap } from './custom-taps.ts';

export interface CustomRunnerOptions {
  host: ProcessHost;
  /** Where staging lives. */
  pool: Pool;
  taps: CustomTaps;
  /** A tap that writes nothing for so long is ended. */
  idleTimeoutMs: number;
}

/** Runs Singer taps of the operator's allowlist directly, and loads what they write with Ivory's own loader. */
export function createCustomRunner({ host, pool, taps, idleTimeoutMs }: CustomRunnerOptions): Runner {
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
      return start(spec, async (tap, folder, redact) => {
        try {
          return await runTap({ host, pool, tap, spec, hooks, signal, folder, redact, idleTimeoutMs });
        } catch (error) {
          return failedOutcome(refusalOf(error, signal, redact));
        }
      });
    },
    check: (spec, hooks, signal) =>
      start(spec, (tap, folder, redact) =>
        checkTap({ host, tap, spec, hooks, signal, folder, redact, idleTimeoutMs }).catch((error: unknown) =>
          refusalOf(error, signal, redact),
        ),
      ),
    discover: (spec, hooks, signal) =>
      start(spec, (tap, folder, redact) =>
        discoverTap({ host, tap, spec, hooks, signal, folder, redact, idleTimeoutMs }).catch(
          (error: unknown) => refusalOf(error, signal, redact),
        ),
      ),
  };

  async function start<T>(
    { tapName, config }: TapSpec,
    work: (tap: CustomTap, folder: WorkFolder, redact: Redact) => Promise<T>,
  ): Promise<T> {
    const tap = getCustomTap(taps, tapName);
    return withWorkFolder((folder) => work(tap, folder, createRedactor(config)));
  }
}

interface TapStart extends TapWatch {
  tap: CustomTap;
  spec: TapSpec;
  hooks: ProbeHooks;
  folder: WorkFolder;
}

interface TapRun extends TapStart {
  pool: Pool;
  spec: RunSpec;
  hooks: RunHooks;
}

async function runTap(run: TapRun): Promise<RunOutcome> {
  const { tap, spec, folder } = run;
  const start = await starter(run);
  const catalog = tap.discover ? await selectedCatalog(run, start) : [];
  const state = spec.state === null ? [] : ['--state', await folder.write('state.json', spec.state)];
  const outcome = await loadFromTap({ ...run, child: start([...catalog, ...state]) });
  return 'errorMsg' in outcome ? { ...outcome, errorMsg: run.redact(outcome.errorMsg) } : outcome;
}

/** Asks for the catalog where the tap has one, then reads until the source has shown that it answers. */
async function checkTap(start: TapStart): Promise<CheckOutcome> {
  const child = await starter(start);
  const catalog = start.tap.discover ? await selectedCatalog(start, child) : [];
  await awaitFirstMessage(child(catalog), start);
  return { ok: true };
}

async function discoverTap(start: TapStart): Promise<DiscoverOutcome> {
  const child = await starter(start);
  const catalog = await readCatalog(child(['--discover']), start);
  try {
    return { ok: true, streams: discoveredStreams(catalog) };
  } catch (error) {
    throw start.tap.discover ? error : noDiscovery();
  }
}

/** A tap listed so may answer all the same; then nothing is wrong. */
function noDiscovery(): InvalidError {
  return new InvalidError(
    'tap.no_discovery',
    'This tap is listed without discovery ("discover": false) and prints no catalog when asked for one. Its streams are known after its first run.',
  );
}

/** Writes the config down and answers how the tap is started with it. */
async function starter({
  tap,
  spec,
  folder,
  hooks,
  redact,
}: TapStart): Promise<(args: string[]) => ChildSpec> {
  const config = { ...spec.config, ...tap.forcedConfig?.(spec.tenantId) };
  const configFile = await folder.write('config.json', JSON.stringify(config));
  const env = tapEnvironment(folder);
  const readable = [...pathsToRun(tap.command, env['PATH']), ...(tap.readable?.(spec.tenantId) ?? [])];
  return (args) => ({
    command: [...tap.command, '--config', configFile, ...args],
    cwd: folder.path,
    scratch: folder.path,
    env,
    readable,
    onStderr: (line) => hooks.log(redact(line)),
  });
}

/** Asks the tap for its catalog and gives it back with everything selected. */
async function selectedCatalog(tap: TapStart, start: (args: string[]) => ChildSpec): Promise<string[]> {
  const text = await readCatalog(start(['--discover']), tap);
  return ['--catalog', await tap.folder.write('catalog.json', selectAll(text))];
}
