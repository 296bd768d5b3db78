import { Counter, Histogram, type Registry } from 'prom-client';
import { CONNECTOR_TYPES } from '../../domain/connector-state.ts';
import { isFinished, RUN_STATUSES, RUN_TRIGGERS } from '../../domain/run-state.ts';
import type { Metrics } from '../../ports/metrics.ts';

type RunMetrics = Pick<Metrics, 'runEnded' | 'breakerOpened' | 'leaseLost' | 'rowsStaged'>;

const RUN_BUCKETS = [1, 5, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600];

/** Counters start at 0 with every label they can have: a rate sees the first one too. */
export function countRuns(register: Registry): RunMetrics {
  const runs = new Counter({
    name: 'ivory_runs_total',
    help: 'Runs that ended, by how, by type of connector and by what set them going',
    labelNames: ['connector_type', 'trigger', 'status'],
    registers: [register],
  });
  const duration = new Histogram({
    name: 'ivory_run_duration_seconds',
    help: 'Time from the start of a run to its end',
    labelNames: ['connector_type'],
    buckets: RUN_BUCKETS,
    registers: [register],
  });
  const openings = new Counter({
    name: 'ivory_breaker_openings_total',
    help: 'Connectors stopped after failures in a row',
    labelNames: ['connector_type'],
    registers: [register],
  });
  const leases = new Counter({
    name: 'ivory_lease_losses_total',
    help: 'Runs and tasks taken back by the reaper, and those a living worker found it holds no more',
    labelNames: ['what', 'noticed_by'],
    registers: [register],
  });
  const rows = new Counter({
    name: 'ivory_staged_rows_total',
    help: 'Rows written to staging',
    labelNames: ['connector_type'],
    registers: [register],
  });
  const bytes = new Counter({
    name: 'ivory_staged_bytes_total',
    help: 'Bytes of those rows as their source sent them',
    labelNames: ['connector_type'],
    registers: [register],
  });
  for (const connector_type of CONNECTOR_TYPES) {
    duration.zero({ connector_type });
    for (const counter of [openings, rows, bytes]) counter.inc({ connector_type }, 0);
    for (const trigger of RUN_TRIGGERS)
      for (const status of RUN_STATUSES.filter(isFinished)) runs.inc({ connector_type, trigger, status }, 0);
  }
  for (const what of ['run', 'task'])
    for (const noticed_by of ['reaper', 'worker']) leases.inc({ what, noticed_by }, 0);
  return {
    runEnded({ status, connectorType: connector_type, trigger, seconds }) {
      runs.inc({ connector_type, trigger, status });
      if (seconds !== null) duration.observe({ connector_type }, seconds);
    },
    breakerOpened: (connector_type) => openings.inc({ connector_type }),
    leaseLost: (what, noticed_by) => leases.inc({ what, noticed_by }),
    rowsStaged(connector_type, counts) {
      rows.inc({ connector_type }, counts.rows);
      bytes.inc({ connector_type }, counts.bytes);
    },
  };
}
