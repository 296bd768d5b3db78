import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from '../../../db/client.ts';
import type { CheckOutcome, DiscoverOutcome, SourceRefusal } from '../../../domain/connector-task.ts';
import { InvalidError } from '../../../errors.ts';
import type { ProbeHooks, Runner, TapSpec } from '../../../ports/runner.ts';
import { createRedactor, type Redact } from '../process/redaction.ts';
import { failedOutcome, refusalOf } from '../source-refusal.ts';
import { createFivetranClient, type FivetranClient, type Wait } from './client.ts';
import { discoverStreams } from './discover.ts';
import { createHttp } from './http.ts';
import { type Bookkeeping, runSync } from './run-sync.ts';
import { parseSettings } from './settings.ts';
import { assertUsable } from './usable.ts';

export interface FivetranRunnerOptions extends Bookkeeping {
  /** The operator's word, never a tenant's. */
  apiUrl: string;
  pollMs: number;
  /** How long a run may take at all. */
  runTimeoutMs: number;
  /** Where staging lives, and where Fivetran writes. */
  pool: Pool;
  /** For tests; timers by default. */
  wait?: Wait;
  now?(): number;
}

/** Lets Fivetran do the sync, and takes up what it has written to the staging schema. */
export function createFivetranRunner(options: FivetranRunnerOptions): Runner {
  const wait: Wait = options.wait ?? ((ms, signal) => sleep(ms, undefined, { signal }));
  const now = options.now ?? Date.now;

  /** Does the work with a client for the connector's config; what the source is to blame for becomes a value. */
  async function start<T>(
    { config }: TapSpec,
    hooks: ProbeHooks,
    signal: AbortSignal,
    work: (client: FivetranClient, redact: Redact) => Promise<T>,
  ): Promise<T | SourceRefusal> {
    const redact = createRedactor(secretsOf(config));
    try {
      const settings = parseSettings(config);
      const http = createHttp(options.apiUrl, settings);
      const log = (line: string) => hooks.log(redact(line));
      return await work(createFivetranClient({ http, wait, redact, log, ...settings }), redact);
    } catch (error) {
      signal.throwIfAborted();
      return refusalOf(error, signal, redact);
    }
  }

  return {
    type: 'fivetran',
    assertTap(_tapName, tapVersion) {
      if (tapVersion === null) return;
      throw new InvalidError(
        'connector.tap_version_fixed',
        'Fivetran decides which version of its connector runs; leave tap_version out.',
      );
    },
    async execute(spec, hooks, signal) {
      const outcome = await start(spec, hooks, signal, (client, redact) =>
        runSync({ ...options, client, wait, now, spec, hooks: redacted(hooks, redact), signal }),
      );
      return 'ok' in outcome ? failedOutcome(outcome) : outcome;
    },
    check: (spec, hooks, signal) =>
      start<CheckOutcome>(spec, hooks, signal, async (client) => {
        assertUsable(await client.connection(signal), spec.stagingSchema);
        return { ok: true };
      }),
    discover: (spec, hooks, signal) =>
      start<DiscoverOutcome>(spec, hooks, signal, async (client, redact) => ({
        ok: true,
        streams: await discoverStreams({
          client,
          pool: options.pool,
          spec,
          hooks: redacted(hooks, redact),
          signal,
        }),
      })),
  };
}

function redacted<Hooks extends ProbeHooks>(hooks: Hooks, redact: Redact): Hooks {
  return { ...hooks, log: (line: string) => hooks.log(redact(line)) };
}

/** The connection's id is no secret, and messages name it. */
function secretsOf({ connection_id: _, ...config }: Record<string, unknown>): Record<string, unknown> {
  return { ...config, basic: `${config['api_key']}:${config['api_secret']}` };
}
