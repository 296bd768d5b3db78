import type { PluginEnvironments } from '../plugins/plugin.ts';
import type { ReaderPlugin } from './project.ts';
import type { TargetProgram } from './target-program.ts';

/** What loads staging under Meltano. */
export type MeltanoLoader =
  /** Ivory's own: `ivory target` brings the messages to the runner, which loads them. */
  | { kind: 'ivory' }
  /** MeltanoLabs' target-postgres, which logs in by itself. */
  | { kind: 'target-postgres'; databaseUrl: string };

/** The secrets of a loader's own login. */
export function loginOf(loader: MeltanoLoader): string[] {
  if (loader.kind === 'ivory') return [];
  const { password } = new URL(loader.databaseUrl);
  return [loader.databaseUrl, decodeURIComponent(password)];
}

/** Tested with it, as Meltano is. */
const TARGET_POSTGRES = {
  name: 'target-postgres',
  package: 'meltanolabs-target-postgres',
  requires: [],
  executable: 'target-postgres',
};
const TARGET_POSTGRES_VERSION = '0.8.1';

/** `ivory target` in its relay mode as a loader, or as a mapper where another program loads. */
export function relayPlugin(
  { executable, env }: TargetProgram,
  name: string,
  config: { relay_socket: string; pass_on?: boolean },
): ReaderPlugin {
  return { name, executable, env, config };
}

/** The environment of MeltanoLabs' loader. Throws what PluginEnvironments.ensure throws. */
export function ensureTargetPostgres(
  environments: PluginEnvironments,
  { log, signal }: { log(line: string): void; signal: AbortSignal },
) {
  return environments.ensure({ plugin: TARGET_POSTGRES, version: TARGET_POSTGRES_VERSION, log }, signal);
}

/** target-postgres, making the tables that Ivory's own loader would make. Its sessions can be told by their name. */
export function targetPostgresPlugin(
  executable: string,
  { databaseUrl, schema, sessionName }: { databaseUrl: string; schema: string; sessionName: string },
): ReaderPlugin {
  const url = new URL(databaseUrl.replace(/^postgres(ql)?:/, 'postgresql+psycopg:'));
  url.searchParams.set('application_name', sessionName);
  return {
    name: TARGET_POSTGRES.name,
    executable,
    config: {
      sqlalchemy_url: url.href,
      default_target_schema: schema,
      load_method: 'upsert',
      add_record_metadata: true,
      use_copy: true,
    },
  };
}
