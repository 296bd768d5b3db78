import type { DependencyHealth } from './check.ts';
import type { Readiness } from './health.ts';

/** What /readyz answers, on the API's port and on a worker's. */
export interface ReadinessForm {
  status: 'ready' | 'not_ready';
  draining: boolean;
  dependencies: Record<string, DependencyForm>;
}

interface DependencyForm {
  status: 'up' | 'down';
  required: boolean;
  latency_ms: number;
  age_ms: number;
  error: string | null;
  warnings: string[];
}

export function readinessForm({ ready, draining, dependencies }: Readiness): ReadinessForm {
  const shown = Object.entries(dependencies).map(([name, found]) => [name, dependencyForm(found)] as const);
  return { status: ready ? 'ready' : 'not_ready', draining, dependencies: Object.fromEntries(shown) };
}

function dependencyForm({ latencyMs, ageMs, warnings, ...rest }: DependencyHealth): DependencyForm {
  return { ...rest, latency_ms: latencyMs, age_ms: ageMs, warnings: [...warnings] };
}
