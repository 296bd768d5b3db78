import type { CheckOutcome, DiscoverOutcome } from '../../../domain/connector-task.ts';
import type { ProbeHooks } from '../../../ports/runner.ts';
import type { ChildSpec } from '../process/child.ts';
import { tapEnvironment, type WorkFolder } from '../process/work-folder.ts';
import { readCatalog } from '../singer/discovery.ts';
import { awaitFirstMessage } from '../singer/first-message.ts';
import { discoveredStreams, selectAll } from '../singer/singer-catalog.ts';
import type { TapWatch } from '../singer/tap-watch.ts';
import { type ReadyTap, readableOf } from './tap-start.ts';

export interface TapProbe extends TapWatch {
  tap: ReadyTap;
  meltanoEnvironment: string;
  hooks: ProbeHooks;
  folder: WorkFolder;
}

/** Starts the tap as Meltano would and reads until its source has shown that it answers. */
export async function checkTap(probe: TapProbe): Promise<CheckOutcome> {
  const start = await starter(probe);
  await awaitFirstMessage(start(await catalogArguments(probe, start)), probe);
  return { ok: true };
}

export async function discoverTap(probe: TapProbe): Promise<DiscoverOutcome> {
  const start = await starter(probe);
  return { ok: true, streams: discoveredStreams(await readCatalog(start(['--discover']), probe)) };
}

type Start = (args: readonly string[]) => ChildSpec;

async function starter({ tap, meltanoEnvironment, hooks, folder, redact }: TapProbe): Promise<Start> {
  const configFile = await folder.write('config.json', JSON.stringify(tap.config.settings));
  return (args) => ({
    command: [tap.environment.executable, '--config', configFile, ...args],
    cwd: folder.path,
    scratch: folder.path,
    readable: readableOf(tap.environment),
    env: { ...tapEnvironment(folder), MELTANO_ENVIRONMENT: meltanoEnvironment },
    onStderr: (line) => hooks.log(redact(line)),
  });
}

/** A tap that can tell its streams gets them back with everything selected. */
async function catalogArguments(probe: TapProbe, start: Start): Promise<string[]> {
  const { capabilities } = probe.tap.plugin;
  const option = (['catalog', 'properties'] as const).find((name) => capabilities.includes(name));
  if (option === undefined || !capabilities.includes('discover')) return [];
  const text = await readCatalog(start(['--discover']), probe);
  return [`--${option}`, await probe.folder.write('catalog.json', selectAll(text))];
}
