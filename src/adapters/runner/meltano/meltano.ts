import type { SourceRefusal } from '../../../domain/connector-task.ts';
import type { ProbeHooks, Runner, RunOutcome, TapSpec } from '../../../ports/runner.ts';
import { assertPlugin } from '../plugins/assert-plugin.ts';
import { secretSettings } from '../plugins/secret-settings.ts';
import { createRedactor, type Redact } from '../process/redaction.ts';
import { type WorkFolder, withWorkFolder } from '../process/work-folder.ts';
import { failedOutcome, refusalOf } from '../source-refusal.ts';
import { carryRun, type RunParts } from './carry-run.ts';
import { loginOf, type MeltanoLoader } from './loader.ts';
import { checkTap, discoverTap, type TapProbe } from './tap-probe.ts';
import { readyTap } from './tap-start.ts';

export type MeltanoRunnerOptions = RunParts;

/** Runs taps of the registry with Meltano, in a project of its own for each run. */
export function createMeltanoRunner(options: MeltanoRunnerOptions): Runner {
  return {
    type: 'meltano',
    assertTap(tapName, tapVersion) {
      assertPlugin(options.registry, tapName, tapVersion);
    },
    execute: (spec, hooks, signal) =>
      started(redactorFor(spec, options.loader), signal, (at) =>
        carryRun({ ...options, ...at, spec, hooks, signal }),
      ).then(asOutcome),
    check: (spec, hooks, signal) =>
      started(redactorFor(spec), signal, async (at) => checkTap(await probe(spec, hooks, signal, at))),
    discover: (spec, hooks, signal) =>
      started(redactorFor(spec), signal, async (at) => discoverTap(await probe(spec, hooks, signal, at))),
  };

  function redactorFor(spec: TapSpec, loader?: MeltanoLoader): Redact {
    const secretKeys = secretSettings(options.registry, spec.tapName);
    return createRedactor(secretsOf(spec, loader), { secretKeys });
  }

  async function probe(
    spec: TapSpec,
    hooks: ProbeHooks,
    signal: AbortSignal,
    at: WorkPlace,
  ): Promise<TapProbe> {
    const tap = await readyTap(options, spec, { log: hooks.log, signal });
    return { ...options, ...at, tap, meltanoEnvironment: spec.meltanoEnvironment, hooks, signal };
  }
}

interface WorkPlace {
  folder: WorkFolder;
  redact: Redact;
}

/** Works in a fresh folder. What went wrong on the source's side is a value; the rest is thrown on. */
function started<T>(
  redact: Redact,
  signal: AbortSignal,
  work: (at: WorkPlace) => Promise<T>,
): Promise<T | SourceRefusal> {
  return withWorkFolder(async (folder) => {
    try {
      return await work({ folder, redact });
    } catch (error) {
      return refusalOf(error, signal, redact);
    }
  });
}

/** What must not be in a log. Meltano's extras are rules about streams: their words stay. */
function secretsOf({ config }: TapSpec, loader?: MeltanoLoader): Record<string, unknown> {
  const settings = Object.entries(config).filter(([name]) => !name.startsWith('_'));
  return { settings: Object.fromEntries(settings), login: loader ? loginOf(loader) : [] };
}

function asOutcome(result: RunOutcome | SourceRefusal): RunOutcome {
  return 'status' in result ? result : failedOutcome(result);
}
