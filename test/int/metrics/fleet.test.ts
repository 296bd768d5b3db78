import { sql as statement } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../../src/db/client.ts';
import { readFleet } from '../../../src/db/queries/fleet.ts';
import { readDepths } from '../../../src/queues/depths.ts';
import { createFleet } from '../../../src/services/fleet/create-fleet.ts';
import { readDatabase } from '../../../src/services/fleet/read-database.ts';
import { startPool } from '../../../src/workers/pool.ts';
import { insertConnector } from '../../harness/connectors.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';
import { openMeter } from '../../harness/meter.ts';
import { until } from '../../harness/until.ts';
import { backends } from '../queues/backends.ts';

const LIMITS = { jitterMs: 30_000, timeoutMs: 10_000 };

let deps: TestDeps;
beforeAll(async () => {
  deps = await createTestDeps();
});
afterAll(() => deps.close());

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);

describe('what Postgres says of the fleet', () => {
  test('is nothing where there is nothing', async () => {
    const nothing = { count: 0, oldestS: 0 };
    expect(await readDatabase(deps.database.db, LIMITS)).toEqual({
      connectors: { active: 0, paused: 0, error: 0 },
      overdue: nothing,
      unfinishedRuns: { queued: 0, running: 0, loading: 0 },
      pools: { runner: nothing, transform: nothing, mapping: nothing },
      outbox: nothing,
    });
  });

  test('counts what stands, what is late and what waits, with the age of the oldest', async () => {
    const { sql } = deps.database;
    const at = (seconds: number) => insertConnector(deps, { nextRunAt: ago(seconds) });
    const run = (id: string, values: Record<string, unknown>) =>
      sql`insert into etl.runner_jobs ${sql({ id: deps.newId(), tenant_id: 'acme', connector_id: id, trigger: 'manual', scheduled_for: new Date(), ...values })}`;
    const [late, , inTime] = [await at(600), await at(100), await at(60)];
    await insertConnector(deps, { status: 'paused', nextRunAt: null });
    await insertConnector(deps, { status: 'error', nextRunAt: null });
    // asked for while its run is under way: it waits for the run, not for a scheduler
    const promised = await insertConnector(deps, { nextRunAt: ago(900), nextTrigger: 'manual' });
    await run(promised.id, { status: 'running', lease_until: new Date(Date.now() + 60_000) });
    await run(late.id, { status: 'queued', created_at: ago(50) });
    await run(inTime.id, { status: 'loading', created_at: ago(500), reported_at: ago(20) });
    await sql`insert into etl.connector_tasks (id, tenant_id, connector_id, kind, created_at)
      values (${deps.newId()}, 'acme', ${late.id}, 'check', ${ago(70)})`;
    await sql`insert into etl.outbox (job, payload, job_id, created_at) values
      ('execute-run', '{}', 'a', ${ago(5)}), ('execute-run', '{}', 'b', now())`;
    const fleet = await readDatabase(deps.database.db, LIMITS);
    expect(fleet).toMatchObject({
      connectors: { active: 4, paused: 1, error: 1 },
      overdue: { count: 2 },
      unfinishedRuns: { queued: 1, running: 1, loading: 1 },
      pools: { runner: { count: 2 }, transform: { count: 1 }, mapping: { count: 0, oldestS: 0 } },
      outbox: { count: 2 },
    });
    expect(fleet.overdue.oldestS).toBeGreaterThanOrEqual(600);
    expect(fleet.pools['runner']?.oldestS).toBeGreaterThanOrEqual(70);
    expect(fleet.pools['runner']?.oldestS).toBeLessThan(600);
    expect(fleet.pools['transform']?.oldestS).toBeGreaterThanOrEqual(20);
    expect(fleet.pools['transform']?.oldestS).toBeLessThan(500);
    expect(fleet.outbox.oldestS).toBeGreaterThanOrEqual(5);
  });

  test('is read without a look at the history, nor at each connector for those that are late or stopped', async () => {
    const own = await createTestDeps();
    // what a session has counted is known once it is told to say so
    const single = openDatabase(own.databaseUrl, { maxConnections: 1 });
    const { sql } = own.database;
    const { id } = await insertConnector(own);
    await sql.unsafe(`insert into etl.meltano_connectors (id, tenant_id, source_system, tap_name, connector_type, meltano_environment,
        destination_catalog, iomete_namespace, iomete_table, staging_schema, sync_schedule, webhook_secret, next_run_at)
      select gen_random_uuid(), 'acme', 'crm', 'tap-crm', 'custom', 'prod', 'lake', 'ns', 'deals', 's' || n, '0 2 * * *', 'sealed',
        now() + n * interval '1 second' from generate_series(1, 5000) n`);
    await sql`insert into etl.runner_jobs (id, tenant_id, connector_id, status, trigger, scheduled_for)
      select gen_random_uuid(), 'acme', ${id}, 'completed', 'schedule', now() - n * interval '1 hour' from generate_series(1, 5000) n`;
    await sql.unsafe('analyze etl.meltano_connectors, etl.runner_jobs');
    const scans = async () => {
      await single.db.execute(statement`select pg_stat_force_next_flush()`);
      const [row] = await sql<{ runs: number; due: number; stopped: number }[]>`select
        (select seq_scan::int from pg_stat_user_tables where relname = 'runner_jobs') as runs,
        (select idx_scan::int from pg_stat_user_indexes where indexrelname = 'connectors_due') as due,
        (select idx_scan::int from pg_stat_user_indexes where indexrelname = 'connectors_stopped') as stopped`;
      return { runs: row?.runs ?? 0, due: row?.due ?? 0, stopped: row?.stopped ?? 0 };
    };
    const before = await scans();
    await readFleet(single.db, { graceMs: 90_000, timeoutMs: 10_000 });
    const after = await scans();
    expect(after.runs).toBe(before.runs);
    expect(after.due).toBeGreaterThan(before.due);
    expect(after.stopped).toBeGreaterThan(before.stopped);
    await single.db.execute(statement`select count(*) from etl.runner_jobs where log_lines = 1`);
    expect((await scans()).runs).toBeGreaterThan(before.runs);
    await single.close();
    await own.close();
  });
});

test('a page of a process whose stores are down says so and shows the rest', async () => {
  const down = openDatabase('postgres://nobody@127.0.0.1:1/none');
  const fleet = createFleet({
    db: down.db,
    jitterMs: 0,
    queues: () => new Promise(() => {}),
    withinMs: 200,
  });
  const { value, metrics } = openMeter({ fleet });
  metrics.breakerOpened('custom');
  expect(await value('ivory_fleet_up', { store: 'database' })).toBe(0);
  expect(await value('ivory_fleet_up', { store: 'queue' })).toBe(0);
  expect(await value('ivory_breaker_openings_total')).toBe(1);
  expect(await value('ivory_queue_jobs')).toBeNull();
  await down.close();
});

describe.each(backends())('queues on $kind', ({ place: newPlace }) => {
  test('their first waiting job grows old while nobody works, and is gone when somebody does', async () => {
    const place = await newPlace();
    const store = await place.open();
    const meter = openMeter();
    const producer = store.producer();
    const depth = async () => (await readDepths(store.rawQueues()))['runner'];
    expect(await depth()).toEqual({ jobs: { waiting: 0, active: 0, delayed: 0, failed: 0 }, oldestS: 0 });
    await producer.add('execute-run', { runId: deps.newId() });
    await producer.add('execute-run', { runId: deps.newId() });
    const first = await depth();
    expect(first?.jobs).toMatchObject({ waiting: 2 });
    const older = await until('the job is older', async () => {
      const now = await depth();
      return now && now.oldestS > (first?.oldestS ?? 0) + 0.2 ? now : null;
    });
    expect(older.jobs).toMatchObject({ waiting: 2 });
    let deliveries = 0;
    const worker = await startPool(
      { ...deps, metrics: meter.metrics },
      { store, pool: 'runner', concurrency: 1 },
      {
        'execute-run': async () => {
          deliveries += 1;
          if (deliveries === 1) throw new Error('once');
        },
      },
    );
    await until('both are done', async () => deliveries === 3);
    await worker.close();
    expect(await meter.raised()).toEqual({
      'ivory_jobs_total{pool="runner",name="execute-run",outcome="done"}': 2,
      'ivory_jobs_total{pool="runner",name="execute-run",outcome="failed"}': 1,
    });
    expect(await depth()).toEqual({ jobs: { waiting: 0, active: 0, delayed: 0, failed: 0 }, oldestS: 0 });
    await store.close();
    await place.close();
  });
});
