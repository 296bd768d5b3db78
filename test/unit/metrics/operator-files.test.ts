import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { openMeter } from '../../harness/meter.ts';
import { alertRules, dashboardPanels, metricNames } from '../../harness/operator-files.ts';

const DOCS = readFileSync('docs/metrics.md', 'utf8');
const RUNBOOK = readFileSync('docs/alerts.md', 'utf8');
const isOwn = (name: string) => name.startsWith('ivory_');

/** Name, type and labels of each metric of the page; labels as its rows of the documentation name them. */
async function shownMetrics(): Promise<Map<string, string>> {
  const text = await openMeter().page.text();
  return new Map(
    [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = '', type = '']) => [name, type]),
  );
}

test('docs/metrics.md lists every metric there is with its type, and no other', async () => {
  const rows = [...DOCS.matchAll(/^\| `(ivory_\w+)` \| (\w+) \|/gm)].map(([, name, type]) => [name, type]);
  const shown = [...(await shownMetrics())].filter(([name]) => isOwn(name));
  expect(rows.toSorted()).toEqual(shown.toSorted());
  expect(shown.length).toBeGreaterThan(30);
});

test('docs/metrics.md names the labels that each metric has', async () => {
  const { metrics, page } = openMeter({
    fleet: {
      read: async () => ({
        database: {
          connectors: { active: 1, paused: 0, error: 0 },
          overdue: { count: 0, oldestS: 0 },
          unfinishedRuns: { queued: 0, running: 0, loading: 0 },
          pools: { runner: { count: 0, oldestS: 0 } },
          outbox: { count: 0, oldestS: 0 },
        },
        queues: { runner: { jobs: { waiting: 1 }, oldestS: 0 } },
      }),
    },
  });
  metrics.runEnded({ status: 'completed', connectorType: 'custom', trigger: 'manual', seconds: 1 });
  metrics.tableLoaded({ failed: false, rowsRead: 1, rowsLoaded: 1, rowsRejected: 0, seconds: 1 });
  metrics.foundryAnswered({ target: 'iomete', code: null, seconds: 1 });
  metrics.jobEnded({ pool: 'runner', name: 'execute-run', failed: false, seconds: 1 });
  metrics.requestEnded({ method: 'GET', route: '/docs', status: 200, seconds: 1 });
  metrics.rowsPruned('runs', 1);
  metrics.dependencyFound({ name: 'database', required: true, isUp: true });
  const text = await page.text();
  for (const [, name = '', labels = ''] of DOCS.matchAll(/^\| `(ivory_\w+)` \| \w+ \| ([\w, ]*)\|/gm)) {
    const series = new RegExp(`^${name}(?:_count)?(?:\\{(.*)\\})? `, 'm').exec(text);
    const found = [...(series?.[1] ?? '').matchAll(/(\w+)="/g)].map(([, label]) => label);
    expect({ name, labels: found }).toEqual({
      name,
      labels: labels.trim() === '' ? [] : labels.trim().split(', '),
    });
  }
});

test('the dashboard asks for metrics that exist, and each of its panels has a place of its own', async () => {
  const known = new Set((await shownMetrics()).keys());
  const panels = dashboardPanels();
  expect(panels.flatMap(({ queries }) => queries).length).toBeGreaterThan(50);
  for (const { title, queries } of panels)
    for (const query of queries) {
      expect(metricNames(query)).not.toEqual([]);
      expect({ title, unknown: metricNames(query).filter((name) => !known.has(name)) }).toEqual({
        title,
        unknown: [],
      });
    }
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const places = panels.map(({ gridPos: { x, y } }) => `${x},${y}`);
  expect(new Set(places).size).toBe(panels.length);
  expect(panels.filter(({ queries, type }) => queries.length === 0 && type !== 'row')).toEqual([]);
});

test('every alert waits a while, says how bad it is, what to do and where to read on', async () => {
  const known = new Set([...(await shownMetrics()).keys(), 'up']);
  const anchors = new Set(
    [...RUNBOOK.matchAll(/^## (\w+)$/gm)].map(([, name = '']) => `docs/alerts.md#${name.toLowerCase()}`),
  );
  const rules = alertRules();
  expect(rules.length).toBeGreaterThan(11);
  for (const { alert, expr, for: wait, labels, annotations } of rules) {
    expect(wait).toMatch(/^\d+m$/);
    expect(['warning', 'critical']).toContain(labels.severity);
    expect(annotations.summary.length).toBeGreaterThan(10);
    expect(annotations.description.length).toBeGreaterThan(40);
    expect(annotations.runbook).toBe(`docs/alerts.md#${alert.toLowerCase()}`);
    expect(anchors).toContain(annotations.runbook);
    expect({ alert, unknown: metricNames(expr).filter((name) => !known.has(name)) }).toEqual({
      alert,
      unknown: [],
    });
  }
  expect(anchors.size).toBe(rules.length);
});

test('Prometheus scrapes the services and ports of compose.yaml', () => {
  const { scrape_configs } = z
    .object({
      scrape_configs: z.array(
        z.object({
          job_name: z.literal('ivory'),
          dns_sd_configs: z.array(z.object({ names: z.array(z.string()), port: z.number() })),
        }),
      ),
    })
    .parse(parse(readFileSync('deploy/prometheus/prometheus.yml', 'utf8')));
  const { services } = z
    .object({ services: z.record(z.string(), z.unknown()) })
    .parse(parse(readFileSync('compose.yaml', 'utf8'), { merge: true }));
  const scraped = scrape_configs[0]?.dns_sd_configs.flatMap(({ names }) => names) ?? [];
  expect(scraped.toSorted()).toEqual(['api', 'mapping', 'runner', 'scheduler', 'transform']);
  expect(Object.keys(services)).toEqual(expect.arrayContaining(scraped));
  expect(readFileSync('Dockerfile', 'utf8')).toMatch(/OPS_PORT=9090\b/);
});
