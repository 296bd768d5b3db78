import { createPrometheus, type PrometheusOptions } from '../../src/adapters/metrics/prometheus.ts';
import type { Metrics, MetricsPage } from '../../src/ports/metrics.ts';

/** Metrics as a process has them, for a test to look at. */
export interface Meter {
  metrics: Metrics;
  page: MetricsPage;
  /** Ivory's own counters that are not 0, by series: `ivory_runs_total{connector_type="custom",...}`. */
  raised(): Promise<Record<string, number>>;
  /** The sum of a metric over all series with these labels; null: there is none. */
  value(name: string, labels?: Record<string, string>): Promise<number | null>;
}

interface Sample {
  series: string;
  name: string;
  labels: Record<string, string>;
  value: number;
}

export function openMeter(options: Partial<PrometheusOptions> = {}): Meter {
  const { metrics, page } = createPrometheus({
    role: 'test',
    version: '0.0.0',
    pool: { totalCount: 3, idleCount: 1, waitingCount: 0, options: { max: 10 } } as PrometheusOptions['pool'],
    lakehouse: 'postgres',
    fleet: { read: async () => ({ database: null, queues: null }) },
    token: null,
    ...options,
  });
  return {
    metrics,
    page,
    async raised() {
      const text = await page.text();
      const counters = new Set([...text.matchAll(/^# TYPE (ivory_\w+) counter$/gm)].map(([, name]) => name));
      const samples = readSamples(text).filter(({ name, value }) => counters.has(name) && value !== 0);
      return Object.fromEntries(samples.map(({ series, value }) => [series, value]));
    },
    async value(name, labels = {}) {
      const all = readSamples(await page.text()).filter(
        (sample) =>
          sample.name === name &&
          Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
      );
      return all.length === 0 ? null : all.reduce((sum, { value }) => sum + value, 0);
    },
  };
}

/** The samples of a page in Prometheus' text format. */
export function readSamples(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const found = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!found) return [];
    const [, name = '', labels = '', value] = found;
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, text]) => [label, text]);
    const series = labels === '' ? name : `${name}{${labels}}`;
    return [{ series, name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}
