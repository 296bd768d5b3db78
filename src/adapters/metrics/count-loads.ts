import { Counter, Histogram, type Registry } from 'prom-client';
import type { Metrics } from '../../ports/metrics.ts';

const LOAD_BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800];

/** A process has one lakehouse: `lakehouse` is its kind. */
export function countLoads(register: Registry, lakehouse: string): Pick<Metrics, 'tableLoaded'> {
  const labelNames = ['lakehouse'] as const;
  const registers = [register];
  const loads = new Counter({
    name: 'ivory_table_loads_total',
    help: 'Loads of one table by one run: committed, or failed',
    labelNames: ['lakehouse', 'outcome'],
    registers,
  });
  const duration = new Histogram({
    name: 'ivory_table_load_duration_seconds',
    help: 'Time one committed load of one table took',
    labelNames,
    buckets: LOAD_BUCKETS,
    registers,
  });
  const counters = {
    read: new Counter({
      name: 'ivory_read_rows_total',
      help: 'Rows read from staging by committed loads',
      labelNames,
      registers,
    }),
    loaded: new Counter({
      name: 'ivory_loaded_rows_total',
      help: 'Rows committed to the lakehouse',
      labelNames,
      registers,
    }),
    rejected: new Counter({
      name: 'ivory_rejected_rows_total',
      help: 'Rows of committed loads that a transform or a type refused',
      labelNames,
      registers,
    }),
  };
  for (const counter of Object.values(counters)) counter.inc({ lakehouse }, 0);
  duration.zero({ lakehouse });
  for (const outcome of ['committed', 'failed']) loads.inc({ lakehouse, outcome }, 0);
  return {
    tableLoaded({ failed, rowsRead, rowsLoaded, rowsRejected, seconds }) {
      loads.inc({ lakehouse, outcome: failed ? 'failed' : 'committed' });
      if (failed) return;
      duration.observe({ lakehouse }, seconds);
      counters.read.inc({ lakehouse }, rowsRead);
      counters.loaded.inc({ lakehouse }, rowsLoaded);
      counters.rejected.inc({ lakehouse }, rowsRejected);
    },
  };
}
