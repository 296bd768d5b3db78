import { nearestNames } from '../../../domain/nearest.ts';
import { type FieldError, InvalidError } from '../../../errors.ts';
import type { Plugin, PluginSetting } from './plugin.ts';
import { wrongValue } from './setting-value.ts';

/** Meltano's own, about the plugin: _select, _metadata. */
const EXTRAS = /^_/;

/**
 * Judges a connector's config before its program is started. Throws InvalidError `connector.config_invalid` with every missing or wrong
 * setting in `errors`; no message holds a value. Answers a line for each key the plugin does not know: it may be newer than its entry here.
 * A nested setting may be given nested or under its name with dots. Nothing is changed: a number may be written as text, as in meltano.yml.
 */
export function checkConfig(
  plugin: Pick<Plugin, 'name' | 'settings'>,
  config: Record<string, unknown>,
): string[] {
  const errors = plugin.settings.flatMap((setting): FieldError[] => {
    const message = wrongSetting(setting, valueAt(config, setting.name));
    return message === null ? [] : [{ field: setting.name, message }];
  });
  const unknown = unknownKeys(plugin, config);
  if (errors.length === 0) return unknown;
  const told = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  throw new InvalidError(
    'connector.config_invalid',
    [`The config of ${plugin.name} is not right: ${told}.`, ...unknown].join(' '),
    { errors },
  );
}

function wrongSetting(setting: PluginSetting, value: unknown): string | null {
  const isMissing = value === undefined || value === null || value === '';
  if (!isMissing) return wrongValue(setting, value);
  return setting.required && setting.default === undefined ? 'is missing' : null;
}

function valueAt(config: Record<string, unknown>, name: string): unknown {
  if (Object.hasOwn(config, name)) return config[name];
  const [first = '', ...rest] = name.split('.');
  const value = Object.hasOwn(config, first) ? config[first] : undefined;
  return rest.length > 0 && isRecord(value) ? valueAt(value, rest.join('.')) : undefined;
}

function unknownKeys({ name, settings }: Pick<Plugin, 'name' | 'settings'>, config: Record<string, unknown>) {
  const known = settings.map((setting) => setting.name);
  if (known.length === 0) return [];
  return unknownPaths(config, '', known).map((path) => {
    const near = nearestNames(path, known, 1);
    const hint = near.length > 0 ? ` Did you mean ${near.join(', ')}?` : '';
    return `${name} is not known to have a setting "${path}".${hint}`;
  });
}

/** Goes into objects only where the plugin names settings inside them. */
function unknownPaths(config: Record<string, unknown>, prefix: string, known: readonly string[]): string[] {
  return Object.entries(config).flatMap(([key, value]) => {
    const path = `${prefix}${key}`;
    if (known.includes(path) || EXTRAS.test(path)) return [];
    const hasInner = known.some((name) => name.startsWith(`${path}.`));
    if (!hasInner) return [path];
    return isRecord(value) ? unknownPaths(value, `${path}.`, known) : [];
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
