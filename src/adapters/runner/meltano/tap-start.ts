import type { TapSpec } from '../../../ports/runner.ts';
import { assertPlugin } from '../plugins/assert-plugin.ts';
import { checkConfig } from '../plugins/check-config.ts';
import type { Plugin, PluginEnvironment, PluginEnvironments, PluginRegistry } from '../plugins/plugin.ts';
import { type TapConfig, tapConfig } from './tap-config.ts';

/** A connector's tap, ready to be started. */
export interface ReadyTap {
  plugin: Plugin;
  environment: PluginEnvironment;
  config: TapConfig;
}

export interface TapSources {
  registry: PluginRegistry;
  environments: PluginEnvironments;
}

/**
 * Judges a connector's config by its tap's settings, then sees to the tap's environment. Errors: InvalidError `connector.config_invalid`,
 * `config.extras_invalid`, `connector.tap_unknown`, `plugin.*`; UnavailableError `plugin.*`; the signal's reason.
 */
export async function readyTap(
  { registry, environments }: TapSources,
  { tapName, tapVersion, config }: TapSpec,
  { log, signal }: { log(line: string): void; signal: AbortSignal },
): Promise<ReadyTap> {
  signal.throwIfAborted();
  const plugin = assertPlugin(registry, tapName, tapVersion);
  for (const line of checkConfig(plugin, config)) log(line);
  const forTap = tapConfig(plugin, config);
  const environment = await environments.ensure({ plugin, version: tapVersion, log }, signal);
  return { plugin, environment, config: forTap };
}

/** Folders the programs of an environment read. */
export function readableOf({ folder, python, executable }: PluginEnvironment): string[] {
  return folder === null ? [executable] : [folder, ...(python === null ? [] : [python])];
}
