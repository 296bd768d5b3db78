import type { Db } from '../../db/client.ts';
import type { Fleet, FleetInQueues } from '../../ports/fleet.ts';
import { readDatabase } from './read-database.ts';
import { seldom } from './seldom.ts';

export interface FleetSources {
  db: Db;
  /** Slots are spread over this time, and are not late within it. */
  jitterMs: number;
  queues(): Promise<FleetInQueues>;
  /** What is read serves for so long; 10 s. */
  keepMs?: number;
  /** How long a store may take; 3 s. */
  withinMs?: number;
}

const KEEP_MS = 10_000;
const WITHIN_MS = 3_000;

/** Reads the fleet seldom and for a short time only: each store by itself, so that one that is down hides nothing of the other. */
export function createFleet({
  db,
  jitterMs,
  queues,
  keepMs = KEEP_MS,
  withinMs = WITHIN_MS,
}: FleetSources): Fleet {
  const limits = { keepMs, withinMs };
  const database = seldom(() => readDatabase(db, { jitterMs, timeoutMs: withinMs }), limits);
  const inQueues = seldom(queues, limits);
  return {
    async read() {
      const [fromDatabase, fromQueues] = await Promise.all([database(), inQueues()]);
      return { database: fromDatabase, queues: fromQueues };
    },
  };
}
