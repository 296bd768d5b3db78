import { createHash, timingSafeEqual } from 'node:crypto';
import { Registry } from 'prom-client';
import type { Fleet } from '../../ports/fleet.ts';
import type { Metrics, MetricsPage } from '../../ports/metrics.ts';
import { countAnswers } from './count-answers.ts';
import { countJobs } from './count-jobs.ts';
import { countLoads } from './count-loads.ts';
import { countRequests } from './count-requests.ts';
import { countRuns } from './count-runs.ts';
import { showDependencies } from './show-dependencies.ts';
import { showFleet } from './show-fleet.ts';
import { type ShownProcess, showProcess } from './show-process.ts';

export interface PrometheusOptions extends ShownProcess {
  /** "postgres", "spark" */
  lakehouse: string;
  fleet: Fleet;
  /** null: whoever asks may read. */
  token: string | null;
}

/** Counts what a process does and shows it, with what belongs to no single process, in Prometheus' text format. docs/metrics.md lists them all. */
export function createPrometheus(options: PrometheusOptions): { metrics: Metrics; page: MetricsPage } {
  const register = new Registry();
  showProcess(register, options);
  const show = showFleet(register);
  return {
    metrics: {
      ...countRuns(register),
      ...countLoads(register, options.lakehouse),
      ...countAnswers(register),
      ...countJobs(register),
      ...countRequests(register),
      ...showDependencies(register),
    },
    page: {
      contentType: register.contentType,
      async text() {
        show(await options.fleet.read());
        return register.metrics();
      },
      allows: (authorization) => options.token === null || isSame(authorization, `Bearer ${options.token}`),
    },
  };
}

/** In a time that tells nothing of either. */
function isSame(given: string | undefined, wanted: string): boolean {
  const [a, b] = [given ?? '', wanted].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
