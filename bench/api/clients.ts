import { Client } from 'undici';
import { BrokenBenchmark, median } from '../shared/outcome.ts';

export interface ClientPlan {
  headers: Record<string, string>;
  method: 'GET' | 'POST';
  /** Asked for in turn. */
  paths: readonly string[];
  /** The only right answer. */
  status: number;
}

export interface LoadFigures {
  requestsPerS: number;
  p50Ms: number;
  p99Ms: number;
}

const WARM_UP_MS = 1_500;

/**
 * Every client asks, reads the whole answer and asks again, each on one connection that stays open. undici because it costs the least
 * of Node's clients: what the generator takes, the servers on the same cores do not get.
 */
export async function load(
  url: string,
  plans: readonly ClientPlan[],
  durationMs: number,
): Promise<LoadFigures> {
  const from = performance.now() + WARM_UP_MS;
  const span = { from, to: from + durationMs };
  const latencies = (await Promise.all(plans.map((plan) => oneClient(url, plan, span)))).flat();
  const sorted = latencies.sort((a, b) => a - b);
  return {
    requestsPerS: (latencies.length * 1_000) / durationMs,
    p50Ms: median(sorted),
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
  };
}

async function oneClient(
  url: string,
  plan: ClientPlan,
  span: { from: number; to: number },
): Promise<number[]> {
  const client = new Client(url);
  const latencies: number[] = [];
  try {
    for (let turn = 0; ; turn++) {
      const startedAt = performance.now();
      if (startedAt >= span.to) return latencies;
      const path = plan.paths[turn % plan.paths.length] ?? '/';
      const { statusCode, body } = await client.request({ path, method: plan.method, headers: plan.headers });
      const text = await body.text();
      if (statusCode !== plan.status)
        throw new BrokenBenchmark(`${plan.method} ${path}: ${statusCode} ${text}`);
      const endedAt = performance.now();
      if (startedAt >= span.from && endedAt <= span.to) latencies.push(endedAt - startedAt);
    }
  } finally {
    await client.close();
  }
}
