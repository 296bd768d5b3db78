import { join } from 'node:path';
import { InvalidError, messageOf } from '../../../errors.ts';
import { buildEnvironment, resolveNewest } from './build-environment.ts';
import { withBuildLock } from './build-lock.ts';
import {
  type EnvironmentSpec,
  findEnvironment,
  fingerprintOf,
  folderNameOf,
  pruneEnvironments,
} from './environment-folder.ts';
import { createInstaller } from './installer.ts';
import { readNewest, writeNewest } from './newest-version.ts';
import type { PluginEnvironment, PluginEnvironments } from './plugin.ts';
import { createSharedWork, type Waiter } from './shared-work.ts';
import { isVersion } from './version.ts';

export interface PluginEnvironmentsOptions {
  /** PLUGINS_DIR: shared by all processes of the machine. */
  folder: string;
  /** PYTHON: the Python 3 that environments are made with. */
  python: string;
  /** The whole environment of the installer's processes: see installerEnvironment() in config.ts. */
  installerEnvironment: Record<string, string>;
  /** A uv to use; by default a pinned one is installed into the folder. */
  uv?: string;
  now?: () => number;
}

const DAY_MS = 24 * 3600_000;
/** How long the newest version stays the newest. */
const NEWEST_FOR_MS = DAY_MS;
/** After an index did not answer. */
const ASK_AGAIN_MS = 10 * 60_000;
const LOOK_UP_MS = 30_000;
/** Longer than any run may take, so that none loses its environment. */
const UNUSED_FOR_MS = 30 * DAY_MS;

/** Keeps the Python environments of taps, sources and Meltano in a folder of this machine. */
export function createPluginEnvironments(options: PluginEnvironmentsOptions): PluginEnvironments {
  const { folder: root, now = Date.now } = options;
  const installer = createInstaller(options);
  const drafts = join(root, '.building');
  const builds = createSharedWork<PluginEnvironment>();
  const lookUps = createSharedWork<PluginEnvironment>();

  return {
    async ensure({ plugin, version, log }, signal) {
      const { package: packageName, executable } = plugin;
      if (packageName === null) return { executable, folder: null, python: null };
      if (version !== null) assertVersion(plugin.name, version);
      const waiter = { signal, log };
      const spec = { ...plugin, package: packageName, python: await installer.python(waiter) };
      if (version !== null) return ensurePinned(spec, version, waiter);
      const key = `${spec.name}-${fingerprintOf(spec)}`;
      return lookUps.join(key, waiter, (worker) => ensureNewest(spec, worker));
    },
  };

  async function ensurePinned(
    spec: EnvironmentSpec,
    version: string,
    waiter: Waiter,
  ): Promise<PluginEnvironment> {
    const name = folderNameOf(spec, version);
    const folder = join(root, name);
    const there = await findEnvironment(folder, spec);
    if (there) return there;
    return builds.join(name, waiter, (worker) => {
      const onWait = () => worker.log(`another process installs ${spec.name} ${version}; waiting for it`);
      return withBuildLock(join(root, '.locks', name), { signal: worker.signal, onWait }, async () => {
        const made = await findEnvironment(folder, spec);
        if (made) return made;
        const place = { installer: await installer.programs(worker), drafts };
        await buildEnvironment(place, spec, version, folder, worker);
        await prune(worker);
        return getEnvironment(folder, spec);
      });
    });
  }

  /** The newest of a day is as good as any; an index that is down never stops a plugin that is installed. */
  async function ensureNewest(spec: EnvironmentSpec, worker: Waiter): Promise<PluginEnvironment> {
    const record = join(root, '.newest', `${spec.name}-${fingerprintOf(spec)}`);
    const known = await readNewest(record);
    const old = known && (await findEnvironment(join(root, folderNameOf(spec, known.version)), spec));
    if (known && old && now() < known.askAgainAt) return old;
    try {
      const place = { installer: await installer.programs(worker), drafts };
      const version = await resolveNewest(place, spec, old ? briefly(worker) : worker);
      const environment = await ensurePinned(spec, version, worker);
      await writeNewest(record, { version, askAgainAt: now() + NEWEST_FOR_MS });
      return environment;
    } catch (error) {
      if (!known || !old || worker.signal.aborted) throw error;
      worker.log(`${spec.name} stays at ${known.version}: no newer one could be had. ${messageOf(error)}`);
      await writeNewest(record, { version: known.version, askAgainAt: now() + ASK_AGAIN_MS });
      return old;
    }
  }

  async function prune(worker: Waiter): Promise<void> {
    const removed = await pruneEnvironments(root, drafts, now() - UNUSED_FOR_MS);
    if (removed.length > 0) worker.log(`removed environments nobody used for 30 days: ${removed.join(', ')}`);
  }
}

/** Where there is an old one, nobody waits long for an index that does not answer. */
function briefly({ signal, log }: Waiter): Waiter {
  return { signal: AbortSignal.any([signal, AbortSignal.timeout(LOOK_UP_MS)]), log };
}

async function getEnvironment(folder: string, spec: EnvironmentSpec): Promise<PluginEnvironment> {
  const environment = await findEnvironment(folder, spec);
  if (environment) return environment;
  throw new InvalidError('plugin.install_failed', `The environment of ${spec.name} is gone again.`);
}

function assertVersion(name: string, version: string): void {
  if (isVersion(version)) return;
  throw new InvalidError(
    'plugin.version_unknown',
    `"${version}" is no version a package can have (${name}).`,
  );
}
