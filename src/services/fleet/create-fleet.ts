import type { Sql } from '../../db/client.ts';
import type { Fleet, FleetInQueues } from '../../ports/fleet.ts';
import { readDatabase } from './read-database.ts';
import { seldom } from './seldom.ts';

export interface FleetSources {
  sql: Sql;
  /** Slots are spread over this time, and are not late within it. */
  jitterMs: number;
  queues(): Promise<FleetInQueues>;
}

const KEEP_MS = 10_000;
const WITHIN_MS = 3_000;

/** Reads the fleet at most once in ten seconds in a process, and in three seconds at most: each store by itself, so that one that is down hides nothing of the other. */
export function createFleet({ sql, jitterMs, queues }: FleetSources): Fleet {
  const limits = { keepMs: KEEP_MS, withinMs: WITHIN_MS };
  const database = seldom(() => readDatabase(sql, { jitterMs, timeoutMs: WITHIN_MS }), limits);
  const inQueues = seldom(queues, limits);
  return {
    async read() {
      const [fromDatabase, fromQueues] = await Promise.all([database(), inQueues()]);
      return { database: fromDatabase, queues: fromQueues };
    },
  };
}
