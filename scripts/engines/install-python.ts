import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureTargetPostgres } from '../../src/adapters/runner/meltano/loader.ts';
import { createPluginEnvironments } from '../../src/adapters/runner/plugins/environments.ts';
import { ensureMeltano } from '../../src/adapters/runner/plugins/meltano.ts';
import type { PluginEnvironment } from '../../src/adapters/runner/plugins/plugin.ts';
import { createPluginRegistry } from '../../src/adapters/runner/plugins/registry.ts';
import { installerEnvironment, processEnvironment } from '../../src/config.ts';
import { UnavailableError } from '../../src/errors.ts';
import { aptInstall } from './apt.ts';
import { PINNED_PLUGINS } from './pinned-plugins.ts';

/**
 * Brings Meltano, its loader and the pinned taps and sources into .engines/plugins, each as a runner would make it. Does nothing, at once,
 * when all is there. Exit 0 with a line starting with **** where the machine cannot have them: no Python 3, or no package index.
 */
const root = fileURLToPath(new URL('../../.engines/plugins', import.meta.url));
const python = processEnvironment()['PYTHON'] ?? 'python3';

process.exitCode = await main();

async function main(): Promise<number> {
  // One that was named with PYTHON is not for us to install.
  if (python === 'python3' && !makesEnvironments()) aptInstall(['python3', 'python3-venv']);
  try {
    const environments = await installAll();
    writeFileSync(join(root, 'installed.json'), JSON.stringify(environments, null, 2));
    say(`Meltano, taps and sources are in ${root}`);
    return 0;
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    say(`**** NO MELTANO, NO TAPS: ${error.message}`);
    say('**** The tests against Meltano, taps from PyPI and the Airbyte source are SKIPPED.');
    return 0;
  }
}

function makesEnvironments(): boolean {
  const { status } = spawnSync(python, ['-c', 'import venv, ensurepip'], { stdio: 'ignore' });
  return status === 0;
}

async function installAll(): Promise<PluginEnvironment[]> {
  const environments = createPluginEnvironments({
    folder: root,
    python,
    installerEnvironment: installerEnvironment(processEnvironment()),
  });
  const registries = [
    createPluginRegistry({ protocol: 'singer', tapsFile: undefined }),
    createPluginRegistry({ protocol: 'airbyte', tapsFile: undefined }),
  ] as const;
  const waiter = { signal: new AbortController().signal, log: say };
  const made = [await ensureMeltano(environments, waiter), await ensureTargetPostgres(environments, waiter)];
  for (const { name, version } of PINNED_PLUGINS) {
    const plugin = registries[name.startsWith('source-') ? 1 : 0].get(name);
    made.push(await environments.ensure({ plugin, version, log: say }, waiter.signal));
  }
  return made;
}

function say(line: string): void {
  process.stderr.write(`${line.startsWith('****') ? '' : 'engines: '}${line}\n`);
}
