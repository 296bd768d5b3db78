import type { Pool } from '../../../db/client.ts';
import type { CheckOutcome, DiscoverOutcome, SourceRefusal } from '../../../domain/connector-task.ts';
import type { ProbeHooks, RunHooks, Runner, RunOutcome, RunSpec, TapSpec } from '../../../ports/runner.ts';
import { assertPlugin } from '../plugins/assert-plugin.ts';
import type { PluginEnvironments, PluginRegistry } from '../plugins/plugin.ts';
import { secretSettings } from '../plugins/secret-settings.ts';
import type { ProcessHost } from '../process/process-host.ts';
import { createRedactor } from '../process/redaction.ts';
import { withWorkFolder } from '../process/work-folder.ts';
import { failedOutcome, refusalOf } from '../source-refusal.ts';
import { askSource } from './ask-source.ts';
import { assertConfig } from './config-check.ts';
import { readSource } from './read-source.ts';
import { createSourceProgram, type SourceProgram } from './source-program.ts';
import { createSpecifications } from './source-spec.ts';
import { type SourceConfig, splitConfig } from './stream-settings.ts';
import { discovered, type SyncStream, syncStreams } from './sync-streams.ts';

export interface AirbyteRunnerOptions {
  host: ProcessHost;
  /** Where staging lives. */
  pool: Pool;
  /** The sources a connector may name. */
  sources: PluginRegistry;
  environments: PluginEnvironments;
  /** A source that writes nothing for so long is ended. */
  idleTimeoutMs: number;
}

/** A source that took its config, and where that lies. */
interface ReadySource {
  source: SourceProgram;
  streams: SourceConfig['streams'];
  /** "--config" and its file. */
  config: readonly string[];
}

/** Runs sources that speak the Airbyte protocol as programs of their own, and loads what they write with Ivory's own loader. */
export function createAirbyteRunner(options: AirbyteRunnerOptions): Runner {
  const { host, pool, sources, environments, idleTimeoutMs } = options;
  const specifications = createSpecifications();

  return {
    type: 'airbyte',
    assertTap(tapName, tapVersion) {
      assertPlugin(sources, tapName, tapVersion);
    },
    execute: (spec, hooks, signal) =>
      withSource(spec, hooks, signal, (ready) => read(ready, spec, hooks)).then((result) =>
        'ok' in result ? failedOutcome(result) : result,
      ),
    check: (spec, hooks, signal) => withSource(spec, hooks, signal, check),
    discover: (spec, hooks, signal) => withSource(spec, hooks, signal, discover),
  };

  /** Makes the source ready and works with it; what goes wrong on its side is a value, the rest is thrown on. */
  function withSource<T>(
    spec: TapSpec,
    hooks: ProbeHooks,
    signal: AbortSignal,
    work: (ready: ReadySource) => Promise<T>,
  ): Promise<T | SourceRefusal> {
    signal.throwIfAborted();
    const secretKeys = secretSettings(sources, spec.tapName);
    const redact = createRedactor(spec.config, { secretKeys });
    return withWorkFolder(async (folder) => {
      try {
        const plugin = sources.get(spec.tapName);
        const { own, streams } = splitConfig(spec.config);
        const log = (line: string) => hooks.log(redact(line));
        const environment = await environments.ensure({ plugin, version: spec.tapVersion, log }, signal);
        const source = createSourceProgram({
          host,
          environment,
          folder,
          signal,
          idleTimeoutMs,
          config: own,
          secretKeys,
          hooks,
        });
        assertConfig(await specifications.of(source), own);
        const config = ['--config', await folder.write('config.json', JSON.stringify(own))];
        return await work({ source, streams, config });
      } catch (error) {
        return refusalOf(error, signal, redact);
      }
    });
  }

  async function read(ready: ReadySource, spec: RunSpec, hooks: RunHooks): Promise<RunOutcome> {
    return readSource({ ...ready, pool, spec, hooks, streams: await streamsOf(ready) });
  }
}

async function check({ source, config }: ReadySource): Promise<CheckOutcome> {
  const { status, message } = await askSource(source, ['check', ...config], (answer) =>
    answer.type === 'CONNECTION_STATUS' ? answer.connectionStatus : null,
  );
  if (status === 'SUCCEEDED') return { ok: true };
  const reason = message?.trim() || 'The source gives no reason.';
  return { ok: false, errorCode: 'source.check_failed', message: source.redact(reason) };
}

async function discover(ready: ReadySource): Promise<DiscoverOutcome> {
  return { ok: true, streams: (await streamsOf(ready)).map(discovered) };
}

async function streamsOf({ source, streams, config }: ReadySource): Promise<SyncStream[]> {
  const catalog = await askSource(source, ['discover', ...config], (answer) =>
    answer.type === 'CATALOG' ? answer.catalog.streams : null,
  );
  return syncStreams(catalog, streams);
}
