import { existsSync, readdirSync } from 'node:fs';
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

  /** The uv it installed, for a test with packages of its own; undefined: none. */
  uv(): string | undefined {
    const tools = readdirSync(PLUGINS).filter((name) => name.startsWith('uv-'));
    return tools.map((name) => join(PLUGINS, name, 'bin', 'uv')).find((path) => existsSync(path));
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
