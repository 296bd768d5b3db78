import type { PluginEnvironment, PluginEnvironments } from './plugin.ts';
import type { Waiter } from './shared-work.ts';

/** The Meltano that runs are made with: tested with it, so it moves with Ivory and not by itself. */
const MELTANO_VERSION = '4.4.1';

/** Where the meltano program is, installed when first asked for. Throws what PluginEnvironments.ensure throws. */
export function ensureMeltano(
  environments: PluginEnvironments,
  { signal, log }: Waiter,
): Promise<PluginEnvironment> {
  const plugin = { name: 'meltano', package: 'meltano', requires: [], executable: 'meltano' };
  return environments.ensure({ plugin, version: MELTANO_VERSION, log }, signal);
}
