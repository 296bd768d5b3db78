import { InvalidError } from '../../../errors.ts';
import type { PluginCapability } from '../plugins/plugin.ts';
import type { WorkFolder } from '../process/work-folder.ts';
import { pluginConfig, settingDefinitions, verbatim, yamlOf } from './meltano-yml.ts';
import type { TapConfig } from './tap-config.ts';
import type { TapExtras } from './tap-extras.ts';

/** A program that reads Singer messages under Meltano. */
export interface ReaderPlugin {
  name: string;
  /** Absolute path. */
  executable: string;
  config: Record<string, unknown>;
  /** Variables its process gets and the tap's does not. */
  env?: Record<string, string>;
}

export interface TapPlugin {
  name: string;
  /** Absolute path. */
  executable: string;
  capabilities: readonly PluginCapability[];
  config: TapConfig;
}

export interface Project {
  environment: string;
  tap: TapPlugin;
  /** Sees what the tap writes on its way to the loader. */
  mapper?: ReaderPlugin;
  loader: ReaderPlugin;
}

/** The key under which Meltano keeps the state of the project's pipeline. */
export function stateId({ environment, tap, loader }: Project): string {
  return `${environment}:${tap.name}-to-${loader.name}`;
}

/** The names `meltano run` takes, in order. */
export function blocks({ tap, mapper, loader }: Project): string[] {
  return [tap.name, ...(mapper ? [mappingOf(mapper)] : []), loader.name];
}

/** Writes meltano.yml, with the plugins' configs in it: only this user may read it. */
export async function writeProject(folder: WorkFolder, project: Project): Promise<void> {
  await folder.write('meltano.yml', projectText(project));
}

/**
 * A meltano.yml of whole custom definitions whose programs are already there: nothing to install, and nothing to ask the hub for.
 * Throws InvalidError `meltano.environment_invalid`.
 */
export function projectText({ environment, tap, mapper, loader }: Project): string {
  assertEnvironment(environment);
  return yamlOf({
    send_anonymous_usage_stats: false,
    environments: [{ name: environment }],
    plugins: {
      extractors: [extractor(tap)],
      ...(mapper && { mappers: [mapperOf(mapper)] }),
      loaders: [reader(loader)],
    },
  });
}

function extractor({ name, executable, capabilities, config: { settings, extras } }: TapPlugin) {
  return {
    ...plugin(name, executable),
    capabilities,
    settings: settingDefinitions(settings),
    config: pluginConfig(settings),
    ...rules(extras),
  };
}

function rules(extras: TapExtras) {
  const given = Object.entries(extras).filter(([, rule]) => rule !== undefined);
  return Object.fromEntries(given.map(([name, rule]) => [name, verbatim(rule)]));
}

function reader({ name, executable, config, env }: ReaderPlugin) {
  return {
    ...plugin(name, executable),
    settings: settingDefinitions(config),
    config: pluginConfig(config),
    env: verbatim(env ?? {}),
  };
}

/** A mapper's config is that of its one mapping. */
function mapperOf({ name, executable, config, env }: ReaderPlugin) {
  return {
    ...plugin(name, executable),
    mappings: [{ name: mappingOf({ name }), config: pluginConfig(config) }],
    env: verbatim(env ?? {}),
  };
}

function mappingOf({ name }: Pick<ReaderPlugin, 'name'>): string {
  return `${name}-mapping`;
}

function plugin(name: string, executable: string) {
  return { name, namespace: name.replaceAll('-', '_'), executable };
}

const ENVIRONMENT = /^[A-Za-z0-9_-]{1,64}$/;

function assertEnvironment(name: string): void {
  if (ENVIRONMENT.test(name)) return;
  throw new InvalidError(
    'meltano.environment_invalid',
    'meltano_environment may hold letters, digits, "_" and "-", 64 at most.',
  );
}
