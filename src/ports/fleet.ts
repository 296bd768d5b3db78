import type { ConnectorStatus } from '../domain/connector-state.ts';
import type { UNFINISHED } from '../domain/run-state.ts';

/** How many wait, and for how many seconds the first of them has; 0 when none does. */
export interface Waiting {
  count: number;
  oldestS: number;
}

/** What the control plane says of all processes together. */
export interface FleetInDatabase {
  connectors: Record<ConnectorStatus, number>;
  /** Active connectors whose slot has passed and that no scheduler has dispatched; `oldestS` counts from the slot. */
  overdue: Waiting;
  unfinishedRuns: Record<(typeof UNFINISHED)[number], number>;
  /** Work in rows that no worker holds, by the pool it waits for. */
  pools: Record<string, Waiting>;
  outbox: Waiting;
}

/** What the queues say: jobs by state, and how long the first waiting one has waited. */
export type FleetInQueues = Record<string, { jobs: Record<string, number>; oldestS: number }>;

export interface FleetReading {
  /** null: it did not answer in time. */
  database: FleetInDatabase | null;
  queues: FleetInQueues | null;
}

/** Reads what belongs to no single process; seldom, however often it is asked. Never throws. */
export interface Fleet {
  read(): Promise<FleetReading>;
}
