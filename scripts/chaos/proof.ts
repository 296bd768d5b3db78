import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Check, check } from './checks/check.ts';
import { checkDatabase, checkFiles, checkRedis, checkSessions, isLockOfRun } from './checks/leftovers.ts';
import { checkApi, checkProcesses, processesOf } from './checks/processes.ts';
import { checkRows } from './checks/rows.ts';
import { checkRuns } from './checks/runs.ts';
import { checkTenants } from './checks/tenants.ts';
import type { Connector } from './connectors.ts';
import { gatherEvidence } from './evidence.ts';
import type { World } from './world.ts';

export interface Proving {
  connectors: readonly Connector[];
  /** What did not get to its end in time. */
  unsettled: readonly string[];
  /** Answers that differed from the first one. */
  contradictions: readonly string[];
}

/** What is on its way out is given time; what hangs is still there after it. */
const GONE_MS = 60_000;
const POLL_MS = 250;

/** The proof at the end of a round; ends the fleet on its way. */
export async function prove(
  world: World,
  { connectors, unsettled, contradictions }: Proving,
): Promise<Check[]> {
  const { sql, fleet, redis, api, folder } = world;
  const settled = check('everything came to rest', `${connectors.length} connectors`, unsettled);
  const evidence = await gatherEvidence(sql);
  const standing = [
    settled,
    ...checkRuns(connectors, evidence),
    ...(await checkRows(sql, connectors, evidence)),
    await checkTenants(sql, connectors, { evidence, logs: fleet.logs }),
    ...(await checkDatabase(sql, connectors)),
    checkRedis(await keysAtRest(redis)),
    await noTapIsLeft(world),
  ];
  await Promise.all(fleet.members.map((member) => member.stop('SIGTERM')));
  writeFileSync(join(folder, 'ends.json'), JSON.stringify(fleet.ends, null, 1));
  return [
    ...standing,
    await gone('no process is left when the fleet has ended', folder, []),
    await checkSessions(sql),
    checkFiles(world.scratch),
    ...checkProcesses(fleet.ends, fleet.logs),
    checkApi(api, contradictions),
  ];
}

/** A run ends before its job does. */
async function keysAtRest({ keys }: World['redis']): Promise<string[]> {
  const deadline = performance.now() + GONE_MS;
  for (;;) {
    const found = await keys();
    if (!found.some(isLockOfRun) || performance.now() > deadline) return found;
    await wait(POLL_MS);
  }
}

function noTapIsLeft({ folder, fleet }: World): Promise<Check> {
  const pids = fleet.members.flatMap((member) => member.pid() ?? []);
  return gone('no tap, and no child of one, outlived its run', folder, pids);
}

async function gone(name: string, folder: string, except: readonly number[]): Promise<Check> {
  const deadline = performance.now() + GONE_MS;
  for (;;) {
    const left = processesOf(folder, [process.pid, ...except]).filter(
      ({ command }) => !command.includes(`${folder}/postgres`),
    );
    if (left.length === 0 || performance.now() > deadline)
      return check(
        name,
        `${left.length} processes`,
        left.map(({ pid, command }) => `${pid} ${command.slice(0, 200)}`),
      );
    await wait(POLL_MS);
  }
}
