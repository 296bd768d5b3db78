import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signToken } from '../../src/api/token.ts';
import { type Installation, openInstallation } from '../harness/installation.ts';
import { readSamples } from '../harness/meter.ts';
import { alertRules, dashboardPanels, metricNames } from '../harness/operator-files.ts';
import {
  type PrometheusServer,
  prometheusIsInstalled,
  promtool,
  startPrometheus,
} from '../harness/prometheus-server.ts';
import { until } from '../harness/until.ts';

const RULES = 'deploy/prometheus/alerts.yml';
const ROWS = 40;
/** What Grafana puts in the place of its variables. */
const asked = (query: string) => query.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '1m');

describe.skipIf(!prometheusIsInstalled())('the rules by promtool', () => {
  test('are rules, and the configuration that names them is one', () => {
    expect(promtool('check', 'rules', RULES)).toContain('SUCCESS');
    expect(promtool('check', 'config', 'deploy/prometheus/prometheus.yml')).toContain('SUCCESS');
  });

  test('tell what they are for and nothing else', () => {
    expect(promtool('test', 'rules', 'deploy/prometheus/alerts.test.yml')).toContain('SUCCESS');
  });
});

describe.skipIf(!prometheusIsInstalled())('a Prometheus that scrapes an API and two workers', () => {
  let ivory: Installation;
  let prometheus: PrometheusServer;
  let urls: string[];
  let history: Awaited<ReturnType<Installation['ended']>>[];

  const total = async (expr: string) => (await prometheus.query(`sum(${expr})`))[0]?.value ?? 0;
  const untilTotal = (expr: string, wanted: number) =>
    until(`${expr} is ${wanted}`, async () => (await total(expr)) === wanted, 60_000);

  beforeAll(async () => {
    ivory = await openInstallation({ queues: 'redis' });
    const processes = await Promise.all([
      ivory.start('api'),
      ivory.start('worker', 'scheduler'),
      ivory.start('worker', 'runner', 'transform', 'mapping'),
    ]);
    urls = processes.map(({ ready }) => /http:\/\/\S+/.exec(ready)?.[0] ?? '');
    prometheus = await startPrometheus({ targets: urls.map((url) => new URL(url).host), ruleFile: RULES });
    // an increase is seen from the second look on
    await untilTotal('count_over_time(ivory_build_info[1m]) > bool 1', 3);
    const [good, bad] = [
      await ivory.connector({ rows: ROWS }),
      await ivory.connector({ rows: ROWS, explodes: true }),
    ];
    await ivory.dispatch(good);
    history = [await ivory.ended(good), await ivory.ended(bad)];
    await askFoundry();
    await untilTotal('ivory_runs_total', 2);
    await untilTotal('increase(ivory_http_requests_total[1m]) > bool 0', 1);
  });

  afterAll(async () => {
    await prometheus?.stop();
    await ivory?.close();
  });

  async function askFoundry(): Promise<void> {
    const token = await signToken(ivory.environment['JWT_SECRET'] ?? '', { tenantId: 'acme', ttlS: 60 });
    const response = await fetch(`${urls[0]}/v1/foundry/query`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ question: 'How many rows are there?' }),
    });
    expect(response.status).toBe(200);
  }

  test('sees what was done, each by the process that did it', async () => {
    expect(history).toMatchObject([
      { status: 'completed', rowsLoaded: ROWS },
      { status: 'partial', rowsLoaded: ROWS / 2 },
    ]);
    await untilTotal('ivory_loaded_rows_total', 1.5 * ROWS);
    for (const status of ['completed', 'partial'])
      await untilTotal(`ivory_runs_total{status="${status}"}`, 1);
    const by = await prometheus.query(
      'sum by (role) (ivory_runs_total * on (instance) group_left (role) ivory_build_info)',
    );
    expect(Object.fromEntries(by.map(({ metric, value }) => [metric['role'], value]))).toEqual({
      api: 0,
      'worker:scheduler': 0,
      'worker:runner+transform+mapping': 2,
    });
    // the one that broke off had staged its first half
    expect(await total('ivory_staged_rows_total')).toBeGreaterThanOrEqual(ROWS);
    expect(await total('ivory_jobs_total{name="dispatch-due", outcome="done"}')).toBeGreaterThan(0);
    expect(await total('ivory_fleet_up')).toBe(6);
  });

  test('finds every metric of the dashboard and of the alerts on some page', async () => {
    const pages = await Promise.all(urls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
    const types = pages.flatMap((page) => [...page.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name));
    const known = new Set([...types, ...pages.flatMap(readSamples).map(({ name }) => name), 'up']);
    const queries = [
      ...dashboardPanels().flatMap(({ queries }) => queries),
      ...alertRules().map(({ expr }) => expr),
    ];
    expect(queries.flatMap(metricNames).filter((name) => !known.has(name))).toEqual([]);
  });

  /** Nothing of this was done, or is as it should not be. */
  const EMPTY = [/ivory_pruned_rows_total/, /ivory_dependency_up.* == 0/];

  test('answers every query of the dashboard, and shows something wherever something was done', async () => {
    for (const { queries } of dashboardPanels())
      for (const query of queries) {
        const isEmpty = async () => (await prometheus.query(asked(query))).length === 0;
        if (EMPTY.some((expected) => expected.test(query))) await isEmpty();
        else await until(`${query} shows something`, async () => !(await isEmpty()));
      }
  });

  test('evaluates every rule', async () => {
    const rules = await until('all rules were evaluated', async () => {
      const all = await prometheus.rules();
      return all.length > 0 && all.every(({ health }) => health !== 'unknown') ? all : null;
    });
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    expect(rules.map(({ name }) => name).toSorted()).toEqual(
      alertRules()
        .map(({ alert }) => alert)
        .toSorted(),
    );
  });
});
