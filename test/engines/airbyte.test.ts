import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PINNED_PLUGINS } from '../../scripts/engines/pinned-plugins.ts';
import { createAirbyteRunner } from '../../src/adapters/runner/airbyte/airbyte.ts';
import { createPluginRegistry } from '../../src/adapters/runner/plugins/registry.ts';
import { createProcessHost } from '../../src/adapters/runner/process/process-host.ts';
import type { Runner, TapSpec } from '../../src/ports/runner.ts';
import { NAMESPACE, openSyncBench, type SyncBench } from '../harness/airbyte/sync-bench.ts';
import { engines } from '../harness/engines.ts';

const FAKER = PINNED_PLUGINS.find(({ name }) => name === 'source-faker')?.version ?? null;
const USERS = 1_200;
const PRODUCTS = 100;
/** Nothing is new once everything was read. */
const CONFIG = { count: USERS, seed: 7, records_per_slice: 500, parallelism: 2, always_updated: false };
const LIMITS = { memoryBytes: 2 * 1024 ** 3, cpuS: 600, diskBytes: 1024 ** 3 };
const NAMED = { tapName: 'source-faker', tapVersion: FAKER };

describe.skipIf(!engines.hasPlugins())('source-faker from PyPI', () => {
  let bench: SyncBench;
  let runner: Runner;
  // as an installation has it: bubblewrap where this machine can
  const host = createProcessHost({ limits: LIMITS, sandbox: 'auto' });
  beforeAll(async () => {
    bench = await openSyncBench(({ database }) => {
      runner = createAirbyteRunner({
        host,
        pool: database.pool,
        sources: createPluginRegistry({ protocol: 'airbyte', tapsFile: undefined }),
        environments: engines.plugins(),
        idleTimeoutMs: 120_000,
      });
      return runner;
    });
  });
  afterAll(() => bench.close());

  const silent = { log: () => {} };
  const running = new AbortController().signal;

  test('a check of a good config is good', async () => {
    expect(await runner.check(spec(CONFIG), silent, running)).toEqual({ ok: true });
  });

  test('a config that does not fit its specification is refused by field and reason, without its value', async () => {
    const refused = await runner.check(spec({ ...CONFIG, count: -31_337, seed: 'hunter2' }), silent, running);
    expect(refused).toMatchObject({ ok: false, errorCode: 'connector.config_invalid' });
    expect(JSON.stringify(refused)).toContain('count');
    expect(JSON.stringify(refused)).not.toMatch(/31337|hunter2/);
  });

  test('a discovery names its streams, their keys, cursors and types', async () => {
    expect(await runner.discover(spec(CONFIG), silent, running)).toMatchObject({
      ok: true,
      streams: [
        { stream: 'products', keyProperties: ['id'], fields: { price: 'number', year: 'integer' } },
        {
          stream: 'users',
          keyProperties: ['id'],
          replicationKey: 'updated_at',
          fields: { id: 'integer', created_at: 'date-time', address: 'object', name: 'string' },
        },
        { stream: 'purchases', fields: { purchased_at: 'date-time' } },
      ],
    });
  });

  test('a first run moves every row; the next one, with its state, none', async () => {
    const { id } = await bench.connector(CONFIG, { ...NAMED, destinationTable: 'faker' });
    const first = await bench.sync(id);
    expect(first.history).toMatchObject({ status: 'completed', errorMsg: null });
    const rows = await rowsOf('faker');
    expect(rows).toMatchObject({ products: PRODUCTS, users: USERS });
    expect(rows.purchases).toBeGreaterThan(USERS / 2);
    expect(first.history).toMatchObject({ rowsLoaded: PRODUCTS + USERS + rows.purchases });
    expect(JSON.parse(first.tapState ?? '')).toMatchObject({
      airbyte: [
        { type: 'STREAM', stream: { stream_descriptor: { name: 'products' } } },
        { stream: { stream_descriptor: { name: 'users' }, stream_state: { loop_offset: USERS } } },
        { stream: { stream_descriptor: { name: 'purchases' } } },
      ],
    });
    expect(first.log).toMatch(/^.*\[INFO\] .*users/m);

    const second = await bench.sync(id);
    expect(second.history).toMatchObject({ status: 'completed', rowsLoaded: 0 });
    expect(await rowsOf('faker')).toEqual(rows);
    expect(Object.keys(JSON.parse(second.tapState ?? ''))).toEqual(['airbyte']);
  });

  test('read in full, what the source no longer has is gone, and what it has is there once', async () => {
    const config = { ...CONFIG, _streams: [{ name: 'products', sync_mode: 'full_refresh' }] };
    const { id } = await bench.connector(config, { ...NAMED, destinationTable: 'goods' });
    const first = await bench.sync(id);
    expect(first.history).toMatchObject({ status: 'completed', rowsLoaded: PRODUCTS });
    await bench.reconfigure(id, { ...config, count: 40 });
    const second = await bench.sync(id);
    expect(second.history.status).toBe('completed');
    const ids = await bench.deps.database
      .sql`select id::int from ${bench.deps.database.sql(NAMESPACE)}.goods order by id`;
    expect(ids.map((row) => row['id'])).toEqual(Array.from({ length: 40 }, (_, at) => at + 1));
  });

  test('a source that cannot take up its state is a failed run with its own word for it', async () => {
    const shared = { type: 'GLOBAL', global: { shared_state: { lsn: 1 }, stream_states: [] } };
    const { id } = await bench.connector(CONFIG, {
      ...NAMED,
      destinationTable: 'nothing',
      tapState: JSON.stringify({ airbyte: [shared] }),
    });
    const { history, log } = await bench.sync(id);
    expect(history).toMatchObject({ status: 'failed', errorCode: 'source.system_error', rowsLoaded: 0 });
    expect(history.errorMsg).toContain('shared_state');
    expect(history.errorMsg).not.toContain('Traceback');
    expect(log).toContain('[ERROR] Traceback');
  });

  async function rowsOf(table: string): Promise<Record<'products' | 'users' | 'purchases', number>> {
    const counts = await Promise.all(
      (['products', 'users', 'purchases'] as const).map(async (stream) => {
        const [row] = await bench.deps.database.sql.unsafe<{ n: number; ids: number }[]>(
          `select count(*)::int as n, count(distinct id)::int as ids from ${NAMESPACE}.${table}__${stream}`,
        );
        expect(row?.ids).toBe(row?.n);
        return [stream, row?.n ?? 0] as const;
      }),
    );
    return Object.fromEntries(counts) as Record<'products' | 'users' | 'purchases', number>;
  }
});

function spec(config: Record<string, unknown>): TapSpec {
  return {
    tenantId: 'acme',
    connectorId: '00000000-0000-4000-8000-000000000000',
    sourceSystem: 'faker',
    ...NAMED,
    meltanoEnvironment: 'prod',
    config,
  };
}
