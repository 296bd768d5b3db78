import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import type { Pool } from '../../db/client.ts';

export interface ShownProcess {
  /** "api", "worker:runner", "dev". */
  role: string;
  version: string;
  pool: Pick<Pool, 'totalCount' | 'idleCount' | 'waitingCount' | 'options'>;
}

/** Gauges whose names say otherwise: strict readers refuse them, and the same is told by kind without `_total`. */
const NAMED_AS_COUNTERS = [
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
];

/** What this process is and how it fares: processor, memory, event loop, garbage, files, its connections to the database. */
export function showProcess(register: Registry, { role, version, pool }: ShownProcess): void {
  collectDefaultMetrics({ register });
  for (const name of NAMED_AS_COUNTERS) register.removeSingleMetric(name);
  const build = new Gauge({
    name: 'ivory_build_info',
    help: 'Always 1: what this process is and runs',
    labelNames: ['role', 'version'],
    registers: [register],
  });
  build.set({ role, version }, 1);
  new Gauge({
    name: 'ivory_database_connections',
    help: 'Connections of this process for transactions, by state, and how many there may be',
    labelNames: ['state'],
    registers: [register],
    collect() {
      const { totalCount, idleCount } = pool;
      this.set({ state: 'in_use' }, totalCount - idleCount);
      this.set({ state: 'idle' }, idleCount);
      this.set({ state: 'max' }, pool.options.max);
    },
  });
  new Gauge({
    name: 'ivory_database_connection_waiters',
    help: 'Those in this process that wait for such a connection',
    registers: [register],
    collect() {
      this.set(pool.waitingCount);
    },
  });
}
