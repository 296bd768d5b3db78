type Settings = Record<string, unknown>;

/**
 * Writes a value as YAML that Meltano reads back as it is. JSON is YAML but for what lies outside printable ASCII, and a long key needs
 * the space after its colon.
 */
export function yamlOf(value: unknown): string {
  return JSON.stringify(value, null, 1).replaceAll(/[^\x20-\x7e\n]/gu, escaped);
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
}

/** What Meltano takes for a variable of the environment in any text of a config. */
const VARIABLE = /\$(?=\{[\p{L}\p{N}_]+\}|[A-Z])/gu;

/** A value whose texts Meltano leaves alone: it would put the environment's variables in. */
export function verbatim(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll(VARIABLE, '\\$&');
  if (Array.isArray(value)) return value.map(verbatim);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, verbatim(inner)]));
  return value;
}

/** A plugin's config that reaches the plugin unchanged, without its nulls: Meltano splits names at their dots and gives no null on. */
export function pluginConfig(config: Settings): Settings {
  return Object.fromEntries(
    Object.entries(config).flatMap(([name, value]) =>
      value === null || value === undefined ? [] : [[settingName(name), withPlainNames(verbatim(value))]],
    ),
  );
}

/** A definition for each setting of a config, so that Meltano keeps its type. */
export function settingDefinitions(config: Settings): { name: string; kind: string }[] {
  return Object.entries(config).map(([name, value]) => ({ name: settingName(name), kind: kindOf(value) }));
}

function withPlainNames(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [settingName(name), withPlainNames(inner)]),
  );
}

function settingName(name: string): string {
  return name.replaceAll('.', '\\.');
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'object' && value !== null) return 'object';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'decimal';
  return typeof value === 'boolean' ? 'boolean' : 'string';
}
