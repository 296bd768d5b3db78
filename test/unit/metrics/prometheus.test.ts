import { expect, test } from 'vitest';
import type { FleetReading } from '../../../src/ports/fleet.ts';
import { openMeter, readSamples } from '../../harness/meter.ts';

const READING = {
  database: {
    connectors: { active: 5, paused: 1, error: 2 },
    overdue: { count: 3, oldestS: 90 },
    unfinishedRuns: { queued: 4, running: 2, loading: 1 },
    pools: { runner: { count: 4, oldestS: 30 }, transform: { count: 0, oldestS: 0 } },
    outbox: { count: 7, oldestS: 1.5 },
  },
  queues: { runner: { jobs: { waiting: 4, active: 2, delayed: 0, failed: 1 }, oldestS: 12 } },
} satisfies FleetReading;

function fleetThat(...readings: FleetReading[]) {
  let asked = 0;
  return { read: async () => readings[Math.min(asked++, readings.length - 1)] ?? READING };
}

test('a page begins with every counter at 0, so that a rate sees the first event', async () => {
  const meter = openMeter();
  expect(await meter.raised()).toEqual({});
  expect(await meter.value('ivory_runs_total', { connector_type: 'meltano', status: 'failed' })).toBe(0);
  expect(await meter.value('ivory_runs_total', { status: 'queued' })).toBeNull();
  expect(await meter.value('ivory_breaker_openings_total', { connector_type: 'fivetran' })).toBe(0);
  expect(await meter.value('ivory_table_loads_total', { outcome: 'failed', lakehouse: 'postgres' })).toBe(0);
});

test('what is told raises what it is about, and nothing else', async () => {
  const { metrics, raised, value } = openMeter();
  metrics.runEnded({ status: 'failed', connectorType: 'custom', trigger: 'retry', seconds: 4 });
  metrics.runEnded({ status: 'cancelled', connectorType: 'custom', trigger: 'manual', seconds: null });
  metrics.leaseLost('run', 'reaper');
  metrics.tableLoaded({ failed: true, rowsRead: 9, rowsLoaded: 9, rowsRejected: 0, seconds: 1 });
  metrics.jobEnded({ pool: 'runner', name: 'execute-run', failed: false, seconds: 0.5 });
  metrics.requestLimited('tenant');
  metrics.notificationSent('given_up');
  metrics.rowsPruned('auditEvents', 12);
  expect(await raised()).toEqual({
    'ivory_runs_total{connector_type="custom",trigger="retry",status="failed"}': 1,
    'ivory_runs_total{connector_type="custom",trigger="manual",status="cancelled"}': 1,
    'ivory_lease_losses_total{what="run",noticed_by="reaper"}': 1,
    'ivory_table_loads_total{lakehouse="postgres",outcome="failed"}': 1,
    'ivory_jobs_total{pool="runner",name="execute-run",outcome="done"}': 1,
    'ivory_http_limited_requests_total{kind="tenant"}': 1,
    'ivory_notifications_total{outcome="given_up"}': 1,
    'ivory_pruned_rows_total{kind="auditEvents"}': 12,
  });
  // a run that never started took no time
  expect(await value('ivory_run_duration_seconds_count')).toBe(1);
  expect(await value('ivory_run_duration_seconds_sum')).toBe(4);
});

test('whatever comes as a code, a route or a name, the labels stay few', async () => {
  const { metrics, page } = openMeter();
  for (let n = 0; n < 1_000; n++) {
    metrics.foundryAnswered({ target: `store${n}`, code: `code.${n}`, seconds: 1 });
    metrics.requestEnded({ method: `M${n}`, route: `/v1/${n}`, status: 200, seconds: 0.1 });
    metrics.llmAsked({ purpose: `p${n}`, outcome: 'failed', inputTokens: 1, outputTokens: 1, usd: null });
  }
  metrics.foundryAnswered({ target: 'iomete', code: 'a code "with" what\nnot', seconds: 1 });
  const samples = readSamples(await page.text());
  const valuesOf = (label: string) => new Set(samples.flatMap(({ labels }) => labels[label] ?? []));
  expect(valuesOf('method')).toEqual(new Set(['other']));
  for (const label of ['target', 'code', 'route', 'purpose']) {
    expect(valuesOf(label)).toContain('other');
    expect(valuesOf(label).size).toBeLessThan(250);
  }
});

test('two processes in one count apart', async () => {
  const [one, other] = [openMeter(), openMeter()];
  one.metrics.breakerOpened('airbyte');
  expect(await one.raised()).toEqual({ 'ivory_breaker_openings_total{connector_type="airbyte"}': 1 });
  expect(await other.raised()).toEqual({});
});

test('the fleet is shown as it was read', async () => {
  const { value } = openMeter({ fleet: fleetThat(READING) });
  expect(await value('ivory_fleet_up')).toBe(2);
  expect(await value('ivory_connectors', { status: 'error' })).toBe(2);
  expect(await value('ivory_overdue_connectors')).toBe(3);
  expect(await value('ivory_most_overdue_seconds')).toBe(90);
  expect(await value('ivory_unfinished_runs')).toBe(7);
  expect(await value('ivory_pool_waiting', { pool: 'runner' })).toBe(4);
  expect(await value('ivory_pool_oldest_wait_seconds', { pool: 'runner' })).toBe(30);
  expect(await value('ivory_outbox_entries')).toBe(7);
  expect(await value('ivory_outbox_oldest_seconds')).toBe(1.5);
  expect(await value('ivory_queue_jobs', { queue: 'runner', state: 'failed' })).toBe(1);
  expect(await value('ivory_queue_oldest_job_seconds', { queue: 'runner' })).toBe(12);
});

test('of a store that is down nothing old is shown, and the rest is', async () => {
  const fleet = fleetThat(READING, { database: null, queues: READING.queues }, READING);
  const { page } = openMeter({ fleet });
  await page.text();
  const without = readSamples(await page.text());
  const named = (name: string) => without.filter((sample) => sample.name === name);
  expect(named('ivory_fleet_up').map(({ series, value }) => [series, value])).toEqual([
    ['ivory_fleet_up{store="database"}', 0],
    ['ivory_fleet_up{store="queue"}', 1],
  ]);
  for (const name of [
    'ivory_connectors',
    'ivory_overdue_connectors',
    'ivory_most_overdue_seconds',
    'ivory_unfinished_runs',
    'ivory_pool_waiting',
    'ivory_outbox_entries',
  ])
    expect(named(name)).toEqual([]);
  expect(named('ivory_queue_jobs')).toHaveLength(4);
  expect(readSamples(await page.text()).some(({ name }) => name === 'ivory_overdue_connectors')).toBe(true);
});

test('a process says what it is, how its event loop fares and what it holds of the database', async () => {
  const { page, value } = openMeter({ role: 'worker:runner', version: '1.2.3' });
  expect(page.contentType).toContain('text/plain; version=0.0.4');
  expect(await value('ivory_build_info', { role: 'worker:runner', version: '1.2.3' })).toBe(1);
  expect(await value('nodejs_eventloop_lag_p99_seconds')).not.toBeNull();
  expect(await value('nodejs_heap_size_used_bytes')).toBeGreaterThan(0);
  expect(await value('ivory_database_connections', { state: 'in_use' })).toBe(2);
  expect(await value('ivory_database_connections', { state: 'max' })).toBe(10);
  expect(await value('ivory_database_connection_waiters')).toBe(0);
});

test('what is named as a counter is one, and every counter is named so', async () => {
  const text = await openMeter().page.text();
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => ({ name, type }));
  expect(types.length).toBeGreaterThan(50);
  for (const { name, type } of types)
    expect({ name, isCounter: type === 'counter' }).toEqual({ name, isCounter: name.endsWith('_total') });
});

test('with a token only its bearer may read the page; without one everybody may', () => {
  const { page } = openMeter({ token: 'the-token-of-prometheus' });
  expect(page.allows('Bearer the-token-of-prometheus')).toBe(true);
  for (const wrong of [undefined, '', 'Bearer ', 'the-token-of-prometheus', 'Bearer the-token-of-prometheuS'])
    expect(page.allows(wrong)).toBe(false);
  expect(openMeter().page.allows(undefined)).toBe(true);
});
