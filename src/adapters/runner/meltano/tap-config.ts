import type { Plugin, PluginSetting } from '../plugins/plugin.ts';
import { splitExtras, type TapExtras } from './tap-extras.ts';

/** A connector's config in two: what its tap gets, and what Meltano makes of the tap's catalog. */
export interface TapConfig {
  settings: Record<string, unknown>;
  extras: TapExtras;
}

/**
 * A connector's config as its tap gets it: names with dots are nested, numbers and the like written as text become what they are. Only
 * what the tap demands is filled in from the registry: its own defaults may have changed with its version. Throws InvalidError
 * `config.extras_invalid`.
 */
export function tapConfig(
  { settings: known }: Pick<Plugin, 'settings'>,
  config: Record<string, unknown>,
): TapConfig {
  const { settings, extras } = splitExtras(config);
  const nested: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(settings)) put(nested, name.split('.'), value);
  for (const setting of known) apply(nested, setting);
  return { settings: nested, extras };
}

function apply(
  config: Record<string, unknown>,
  { name, kind, required, default: standard }: PluginSetting,
): void {
  const path = name.split('.');
  const holder = at(config, path.slice(0, -1));
  const last = path.at(-1);
  // An object nobody asked for is not made up for the defaults in it.
  if (!holder || last === undefined) return;
  const given = holder[last];
  if (given !== undefined && given !== null) holder[last] = cast(kind, given);
  else if (required && standard !== undefined) holder[last] = standard;
}

function put(config: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) {
    config[first] = isRecord(value) ? { ...at(config, [first]), ...value } : value;
    return;
  }
  const inner = { ...at(config, [first]) };
  config[first] = inner;
  put(inner, rest, value);
}

function at(config: Record<string, unknown>, path: readonly string[]): Record<string, unknown> | null {
  let here: unknown = config;
  for (const name of path) here = isRecord(here) ? here[name] : null;
  return isRecord(here) ? here : null;
}

/** What checkConfig has let through is of its kind or is text that can be read as such. */
function cast(kind: PluginSetting['kind'], value: unknown): unknown {
  if (typeof value !== 'string') return value;
  switch (kind) {
    case 'integer':
    case 'number':
      return value.trim() === '' ? value : Number(value);
    case 'boolean':
      return /^(true|1|yes|on|t|y)$/i.test(value);
    case 'array':
    case 'object':
      return value === '' ? value : JSON.parse(value);
    case 'string':
    case 'date':
    case 'options':
      return value;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
