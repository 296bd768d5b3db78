import { InvalidError } from '../../../errors.ts';
import type { Plugin, PluginRegistry } from './plugin.ts';
import { isVersion } from './version.ts';

/**
 * The plugin a connector names. Throws InvalidError `connector.tap_unknown` with the nearest names, `connector.tap_version_invalid` for a
 * text that is no version (PEP 440), `connector.tap_version_fixed` for a program of this machine.
 */
export function assertPlugin(registry: PluginRegistry, tapName: string, tapVersion: string | null): Plugin {
  const plugin = registry.get(tapName);
  if (tapVersion === null) return plugin;
  if (plugin.package === null) {
    throw new InvalidError(
      'connector.tap_version_fixed',
      `${tapName} has the version the operator installed; leave tap_version out.`,
    );
  }
  if (isVersion(tapVersion)) return plugin;
  throw new InvalidError(
    'connector.tap_version_invalid',
    `tap_version must be a version as "1.4.2", not a range or a tag; leave it out for the newest.`,
  );
}
