import type { Pool } from '../../../db/client.ts';
import type { RunHooks, RunOutcome, RunSpec } from '../../../ports/runner.ts';
import { ensureMeltano } from '../plugins/meltano.ts';
import type { PluginEnvironment } from '../plugins/plugin.ts';
import type { ProcessHost } from '../process/process-host.ts';
import type { Redact } from '../process/redaction.ts';
import type { WorkFolder } from '../process/work-folder.ts';
import { ensureTargetPostgres, type MeltanoLoader, relayPlugin, targetPostgresPlugin } from './loader.ts';
import { carryWithIvory, carryWithTarget } from './loaders.ts';
import type { MeltanoRun } from './pipeline.ts';
import { type Project, writeProject } from './project.ts';
import { openRelay, type Relay } from './relay.ts';
import { type ReadyTap, readableOf, readyTap, type TapSources } from './tap-start.ts';
import type { TargetProgram } from './target-program.ts';

/** What all runs of a process share. */
export interface RunParts extends TapSources {
  host: ProcessHost;
  /** Where staging lives. */
  pool: Pool;
  loader: MeltanoLoader;
  /** `ivory target`, as Meltano starts it. */
  target: TargetProgram;
  /** A tap that writes nothing for so long is ended. */
  idleTimeoutMs: number;
}

export interface AskedRun extends RunParts {
  spec: RunSpec;
  hooks: RunHooks;
  signal: AbortSignal;
  folder: WorkFolder;
  redact: Redact;
}

/** Carries one run in a Meltano project made for it. Throws what a run's parts throw: see readyTap, loadSinger, createMeltanoStates. */
export async function carryRun(asked: AskedRun): Promise<RunOutcome> {
  const waiter = { log: asked.hooks.log, signal: asked.signal };
  const tap = await readyTap(asked, asked.spec, waiter);
  const meltano = await ensureMeltano(asked.environments, waiter);
  const target =
    asked.loader.kind === 'ivory' ? null : await ensureTargetPostgres(asked.environments, waiter);
  const relay = await openRelay(asked.folder);
  try {
    const project = projectOf(asked, tap, relay, target);
    await writeProject(asked.folder, project);
    const run = { ...asked, relay, project, meltano: commandOf(asked, [meltano, tap.environment, target]) };
    const outcome = await (target ? carryWithTarget : carryWithIvory)(run, asked.pool);
    return 'errorMsg' in outcome ? { ...outcome, errorMsg: asked.redact(outcome.errorMsg) } : outcome;
  } finally {
    await relay.close();
  }
}

function projectOf(
  { spec, loader, target }: AskedRun,
  { plugin, environment, config }: ReadyTap,
  relay: Relay,
  targetPostgres: PluginEnvironment | null,
): Project {
  const tap = {
    name: plugin.name,
    executable: environment.executable,
    capabilities: plugin.capabilities,
    config,
  };
  const common = { environment: spec.meltanoEnvironment, tap };
  if (loader.kind === 'ivory' || targetPostgres === null) {
    return { ...common, loader: relayPlugin(target, 'ivory-target', { relay_socket: relay.path }) };
  }
  return {
    ...common,
    mapper: relayPlugin(target, 'ivory-watch', { relay_socket: relay.path, pass_on: true }),
    loader: targetPostgresPlugin(targetPostgres.executable, {
      databaseUrl: loader.databaseUrl,
      schema: spec.stagingSchema,
      sessionName: spec.stagingSession,
    }),
  };
}

function commandOf(
  { spec, folder, target }: AskedRun,
  environments: readonly (PluginEnvironment | null)[],
): MeltanoRun['meltano'] {
  const [meltano] = environments;
  return {
    program: meltano?.executable ?? '',
    folder,
    environment: spec.meltanoEnvironment,
    readable: [...environments.flatMap((each) => (each ? readableOf(each) : [])), ...target.readable],
  };
}
