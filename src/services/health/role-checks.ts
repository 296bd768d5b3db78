import type { Deps } from '../../context.ts';
import type { Pool } from '../../queues/catalog.ts';
import type { WatchedConsumer } from '../../queues/ports.ts';
import type { Check } from './check.ts';
import { type ConsumerCheck, consumerCheck } from './consumer-check.ts';
import { createHealth, type Health } from './health.ts';
import { processCheck } from './process-check.ts';
import { databaseCheck, foundryChecks, lakehouseCheck, queueCheck } from './store-checks.ts';
import { expressionCheck, modelCheck, sandboxCheck } from './work-checks.ts';
import { workFolderCheck } from './work-folder-check.ts';

export type Role = 'api' | Pool;

export interface WatchOptions {
  roles: readonly Role[];
  consumers?: readonly WatchedConsumer[];
  isWatching?: boolean;
}

/** What each role needs beyond the database and the queues. */
const NEEDS: Record<Role, (deps: Deps) => Check[]> = {
  api: (deps) => [lakehouseCheck(deps), ...foundryChecks(deps)],
  scheduler: () => [],
  runner: (deps) => [workFolderCheck(), sandboxCheck(deps)],
  transform: (deps) => [lakehouseCheck(deps), expressionCheck(deps)],
  mapping: (deps) => modelCheck(deps),
};

/** Watches what the roles of a process need, each thing once. */
export function watchHealth(deps: Deps, { roles, consumers = [], isWatching }: WatchOptions): Health {
  const workers: ConsumerCheck[] = consumers.map((consumer) => consumerCheck(consumer));
  const needed = [
    databaseCheck(deps),
    queueCheck(deps),
    ...roles.flatMap((role) => NEEDS[role](deps)),
    ...workers,
    processCheck(),
  ];
  const checks = [...new Map(needed.map((check) => [check.name, check])).values()];
  return createHealth(checks, {
    log: deps.log,
    isWatching,
    onFound: ({ name, required }, isUp) => deps.metrics.dependencyFound({ name, required, isUp }),
    sickness: () => (workers.some((worker) => worker.isStuck()) ? 'worker.takes_no_jobs' : null),
  });
}
