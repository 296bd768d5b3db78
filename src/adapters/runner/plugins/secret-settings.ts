import type { PluginRegistry } from './plugin.ts';

/** Names of the settings a plugin calls secret; none of one that is not known. */
export function secretSettings(registry: PluginRegistry, pluginName: string): string[] {
  const settings = registry.find(pluginName)?.settings ?? [];
  return settings.filter(({ secret }) => secret).map(({ name }) => name);
}
