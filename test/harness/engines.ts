import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPluginEnvironments } from '../../src/adapters/runner/plugins/environments.ts';
import type { PluginEnvironments } from '../../src/adapters/runner/plugins/plugin.ts';
import { installerEnvironment } from '../../src/config.ts';

const PLUGINS = fileURLToPath(new URL('../../.engines/plugins', import.meta.url));

/** What `make engines` has installed. */
export const engines = {
  /** The folder of the Python environments. */
  pluginsFolder: PLUGINS,

  /** Whether Meltano and the pinned plugins are there; says so loudly when not. */
  hasPlugins(): boolean {
    const installed = existsSync(join(PLUGINS, 'installed.json'));
    if (!installed)
      console.warn(
        '**** NO MELTANO, NO TAPS: `make engines` has not installed them, so these tests are SKIPPED.',
      );
    return installed;
  },

  /** Lends the installer it made to another folder of environments, so that nothing is fetched for it. */
  lendInstaller(folder: string): void {
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(PLUGINS).filter((entry) => entry.startsWith('uv-'))) {
      symlinkSync(join(PLUGINS, name), join(folder, name));
    }
  },

  /** The environments it made; one that is not among them is installed when asked for. */
  plugins(): PluginEnvironments {
    return createPluginEnvironments({
      folder: PLUGINS,
      python: process.env['PYTHON'] ?? 'python3',
      installerEnvironment: installerEnvironment(process.env),
    });
  },
};
