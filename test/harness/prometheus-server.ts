import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { startEngine } from './engine-process.ts';
import { until } from './until.ts';

const ENGINE = fileURLToPath(new URL('../../.engines/prometheus', import.meta.url));
const START_TIMEOUT_MS = 60_000;

/** Whether `make engines` has brought Prometheus; says so loudly when not. */
export function prometheusIsInstalled(): boolean {
  const installed = existsSync(join(ENGINE, 'installed.json'));
  if (!installed)
    console.warn('**** NO PROMETHEUS: `make engines` has not installed it, so these tests are SKIPPED.');
  return installed;
}

/** Runs promtool and answers all it said; rejects what ends with an error. */
export function promtool(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(join(ENGINE, 'promtool'), args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`promtool ${args.join(' ')}:\n${stdout}${stderr}`);
  return `${stdout}${stderr}`;
}

export interface PrometheusServer {
  /** What a query answers now. Rejects what Prometheus refuses. */
  query(expr: string): Promise<{ metric: Record<string, string>; value: number }[]>;
  /** The rules it evaluates, and how that went. */
  rules(): Promise<{ name: string; health: string; lastError: string }[]>;
  stop(): Promise<void>;
}

export interface PrometheusServerOptions {
  /** "127.0.0.1:8080": whatever answers /metrics. */
  targets: readonly string[];
  ruleFile: string;
}

/** A Prometheus that scrapes these processes each second as the job `ivory`. */
export async function startPrometheus({
  targets,
  ruleFile,
}: PrometheusServerOptions): Promise<PrometheusServer> {
  const folder = mkdtempSync(join(tmpdir(), 'ivory-prometheus-'));
  const settings = join(folder, 'prometheus.yml');
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [resolve(ruleFile)],
    scrape_configs: [{ job_name: 'ivory', static_configs: [{ targets }] }],
  };
  // JSON is YAML
  writeFileSync(settings, JSON.stringify(config));
  const address = `127.0.0.1:${await findFreePort()}`;
  const engine = startEngine(
    [
      join(ENGINE, 'prometheus'),
      `--config.file=${settings}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
    ],
    { folder, env: { GOMAXPROCS: '1' } },
  );
  const ask = async (path: string) => {
    const response = await fetch(`http://${address}${path}`, { signal: AbortSignal.timeout(30_000) });
    const text = await response.text();
    if (!response.ok) throw new Error(`Prometheus answered ${response.status} to ${path}: ${text}`);
    return text;
  };
  const isReady = async () => {
    const end = engine.ended();
    if (end !== null) throw new Error(`Prometheus ${end}`);
    return ask('/-/ready').then(
      () => true,
      () => false,
    );
  };
  await until('Prometheus is ready', isReady, START_TIMEOUT_MS);
  return {
    async query(expr) {
      const text = await ask(`/api/v1/query?query=${encodeURIComponent(expr)}`);
      const { result } = Answer.parse(JSON.parse(text)).data;
      return result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
    },
    async rules() {
      const { groups } = Rules.parse(JSON.parse(await ask('/api/v1/rules'))).data;
      return groups.flatMap(({ rules }) => rules);
    },
    stop: engine.stop,
  };
}

const Answer = z.object({
  data: z.object({
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: z.tuple([z.number(), z.string()]),
      }),
    ),
  }),
});

const Rules = z.object({
  data: z.object({
    groups: z.array(
      z.object({
        rules: z.array(z.object({ name: z.string(), health: z.string(), lastError: z.string().default('') })),
      }),
    ),
  }),
});
