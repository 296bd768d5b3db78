import { fileURLToPath } from 'node:url';
import { nearestNames } from '../../../domain/nearest.ts';
import { InvalidError } from '../../../errors.ts';
import type { Plugin, PluginRegistry } from './plugin.ts';
import { type RegistryEntry, readRegistryFile } from './registry-file.ts';

export interface PluginRegistryOptions {
  /** Singer: the taps of Meltano; Airbyte: its sources. */
  protocol: 'singer' | 'airbyte';
  /** TAPS_FILE: the operator's own; one of a name that comes along takes its place. */
  tapsFile: string | undefined;
}

const PROTOCOLS = {
  singer: { file: fileURLToPath(new URL('./taps.json', import.meta.url)), part: 'taps', noun: 'Tap' },
  airbyte: {
    file: fileURLToPath(new URL('./sources.json', import.meta.url)),
    part: 'sources',
    noun: 'Source',
  },
} as const;

/** Reads the plugins that come along and the operator's. Throws InvalidError `config.taps` naming the place that is wrong. */
export function createPluginRegistry({ protocol, tapsFile }: PluginRegistryOptions): PluginRegistry {
  const { file, part, noun } = PROTOCOLS[protocol];
  const entries = {
    ...readRegistryFile(file)[part],
    ...(tapsFile === undefined ? {} : readRegistryFile(tapsFile)[part]),
  };
  const plugins = Object.entries(entries).map(([name, entry]) => pluginOf(name, entry));
  const byName = new Map([
    ...plugins.flatMap((plugin) => plugin.aliases.map((alias) => [alias, plugin] as const)),
    ...plugins.map((plugin) => [plugin.name, plugin] as const),
  ]);
  const find = (name: string) => byName.get(name) ?? null;
  return {
    find,
    get(name) {
      const plugin = find(name);
      if (plugin) return plugin;
      const near = nearestNames(name, [...byName.keys()]);
      const hint = near.length > 0 ? ` Did you mean ${near.join(', ')}?` : '';
      throw new InvalidError('connector.tap_unknown', `${noun} "${name}" is not known here.${hint}`);
    },
    names: () => plugins.map(({ name }) => name),
  };
}

function pluginOf(
  name: string,
  { executable = name, ...entry }: RegistryEntry,
): Plugin & { aliases: readonly string[] } {
  return { ...entry, name, executable };
}
