import { Gauge, type Registry } from 'prom-client';
import type { FleetInDatabase, FleetInQueues, FleetReading } from '../../ports/fleet.ts';

/** Shows the last reading of what belongs to no single process; of a store that did not answer only that it is down. */
export function showFleet(register: Registry): (reading: FleetReading) => void {
  const up = new Gauge({
    name: 'ivory_fleet_up',
    help: '1: the store answered when the metrics of the fleet were read; 0: they are missing',
    labelNames: ['store'],
    registers: [register],
  });
  const showDatabase = databaseGauges(register);
  const showQueues = queueGauges(register);
  return ({ database, queues }) => {
    up.set({ store: 'database' }, database ? 1 : 0);
    up.set({ store: 'queue' }, queues ? 1 : 0);
    showDatabase(database);
    showQueues(queues);
  };
}

function databaseGauges(register: Registry): (fleet: FleetInDatabase | null) => void {
  const registers = [register];
  const one = (name: string, help: string) => new Gauge({ name, help, registers });
  const byStatus = (name: string, help: string) =>
    new Gauge({ name, help, labelNames: ['status'], registers });
  const byPool = (name: string, help: string) => new Gauge({ name, help, labelNames: ['pool'], registers });
  const connectors = byStatus('ivory_connectors', 'Connectors by status (error: the breaker is open)');
  const overdue = one(
    'ivory_overdue_connectors',
    'Active connectors that no scheduler dispatched for more than a minute after slot and jitter',
  );
  const mostOverdue = one('ivory_most_overdue_seconds', 'How long ago the slot of the most overdue one was');
  const runs = byStatus('ivory_unfinished_runs', 'Runs that have not ended, by status');
  const waiting = byPool('ivory_pool_waiting', 'Runs, tasks and mapping jobs no worker of the pool holds');
  const oldest = byPool('ivory_pool_oldest_wait_seconds', 'For how long the first of them has waited');
  const outbox = one('ivory_outbox_entries', 'Jobs promised by a transaction and not on their queue yet');
  const outboxAge = one('ivory_outbox_oldest_seconds', 'For how long the first of them has waited');
  return (fleet) => {
    for (const labelled of [connectors, runs, waiting, oldest]) labelled.reset();
    // reset would show a 0
    for (const single of [overdue, mostOverdue, outbox, outboxAge]) single.remove();
    if (!fleet) return;
    for (const [status, count] of Object.entries(fleet.connectors)) connectors.set({ status }, count);
    for (const [status, count] of Object.entries(fleet.unfinishedRuns)) runs.set({ status }, count);
    for (const [pool, { count, oldestS }] of Object.entries(fleet.pools)) {
      waiting.set({ pool }, count);
      oldest.set({ pool }, oldestS);
    }
    overdue.set(fleet.overdue.count);
    mostOverdue.set(fleet.overdue.oldestS);
    outbox.set(fleet.outbox.count);
    outboxAge.set(fleet.outbox.oldestS);
  };
}

function queueGauges(register: Registry): (queues: FleetInQueues | null) => void {
  const jobs = new Gauge({
    name: 'ivory_queue_jobs',
    help: 'Jobs on a queue by state',
    labelNames: ['queue', 'state'],
    registers: [register],
  });
  const oldest = new Gauge({
    name: 'ivory_queue_oldest_job_seconds',
    help: 'For how long the first waiting job of a queue has waited',
    labelNames: ['queue'],
    registers: [register],
  });
  return (queues) => {
    jobs.reset();
    oldest.reset();
    for (const [queue, { jobs: counts, oldestS }] of Object.entries(queues ?? {})) {
      for (const [state, count] of Object.entries(counts)) jobs.set({ queue, state }, count);
      oldest.set({ queue }, oldestS);
    }
  };
}
