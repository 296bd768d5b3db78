import type { Deps } from '../../context.ts';
import { createWriteProbe } from '../../db/queries/health.ts';
import { type Check, NO_WARNINGS } from './check.ts';

/** Spark is asked by a session that other work may hold up for a moment. */
const LAKEHOUSE = { everyMs: 3_000, limitMs: 5_000 };
const FOUNDRY = { everyMs: 10_000, limitMs: 5_000 };
/** These two are the lakehouse and the database, which are asked anyway. */
const ASKED_ANYWAY: readonly string[] = ['iomete', 'postgres'];

export function databaseCheck({ database }: Deps): Check {
  const probe = createWriteProbe(database.pool);
  return {
    name: 'database',
    required: true,
    ask: async (signal) => quiet(probe.ask(signal)),
    close: probe.close,
  };
}

export function queueCheck({ producer }: Deps): Check {
  return { name: 'queue', required: true, ask: (signal) => quiet(producer.ping(signal)) };
}

export function lakehouseCheck({ lakehouse }: Deps): Check {
  return { name: 'lakehouse', required: true, ...LAKEHOUSE, ask: (signal) => quiet(lakehouse.ping(signal)) };
}

/** Foundry's own stores, each by its target. A question to one that is down says so; all else goes on. */
export function foundryChecks({ stores }: Deps): Check[] {
  return stores
    .filter(({ target }) => !ASKED_ANYWAY.includes(target))
    .map((store) => ({
      name: store.target,
      required: false,
      ...FOUNDRY,
      ask: (signal) => quiet(store.ping(signal)),
    }));
}

async function quiet(asked: Promise<void>): Promise<readonly string[]> {
  await asked;
  return NO_WARNINGS;
}
