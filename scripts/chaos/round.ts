import { rmSync } from 'node:fs';
import { createRandom } from '../../test/harness/seeded-random.ts';
import type { Check } from './checks/check.ts';
import { tally } from './checks/runs.ts';
import { type Connector, registerConnectors } from './connectors.ts';
import { createExternalRunner } from './external-runner.ts';
import { type FaultRun, startFaults } from './faults.ts';
import { type Fault, planFaults } from './plan.ts';
import { prove } from './proof.ts';
import { heal, settle } from './settle.ts';
import { startWorkload } from './workload.ts';
import { type FleetSize, openWorld, type World } from './world.ts';

export interface RoundOptions {
  seed: number;
  tenants: number;
  /** Faults come for so long, or until there were so many. */
  faultsForMs: number;
  maxFaults?: number;
  faultEveryMs?: number;
  size?: FleetSize;
  settleMs?: number;
  /** The folder stays, whatever the proof says. */
  keep?: boolean;
  say(line: string): void;
}

export interface RoundResult {
  checks: Check[];
  isProven: boolean;
  faults: readonly Fault[];
  /** Of every run that ended. */
  runs: string;
  rowsLoaded: number;
  /** null: it was removed. */
  folder: string | null;
}

const SIZE: FleetSize = { scheduler: 2, runner: 3, transform: 3, mapping: 1 };
const LEASE_MS = 4_000;
const SAY_MS = 5_000;
const HEAL_MS = 180_000;
const SETTLE_MS = 240_000;
const OPERATION_MS = 250;
const NAMES = ['acme', 'globex', 'initech', 'umbrella', 'hooli', 'wonka'];

/** A whole round: an installation of its own, work and faults, rest, proof. The same seed plans the same faults. */
export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const { seed, say, size = SIZE } = options;
  const tenants = NAMES.slice(0, options.tenants);
  say(
    `seed ${seed}: starting Postgres, Redis and ${1 + Object.values(size).reduce((a, b) => a + b, 0)} processes`,
  );
  const world = await openWorld({ tenants, size, leaseMs: LEASE_MS });
  let isProven = false;
  try {
    const { api, folder, configKey, fleet } = world;
    const connectors = await registerConnectors(tenants, { api, folder, configKey, seed });
    say(`${connectors.length} connectors of ${tenants.join(' and ')} are registered; logs in ${folder}/logs`);
    const plan = planFaults({
      seed,
      forMs: options.faultsForMs,
      maxFaults: options.maxFaults,
      everyMs: options.faultEveryMs ?? 2_500,
      targets: fleet.members.map(({ name }) => name),
      leaseMs: LEASE_MS,
    });
    const { checks, faults } = await live(world, connectors, plan, options);
    isProven = checks.every(({ isTrue }) => isTrue);
    const { runs, rowsLoaded } = await summary(world);
    return { checks, isProven, faults, runs, rowsLoaded, folder: isProven && !options.keep ? null : folder };
  } finally {
    await world.close();
    if (isProven && !options.keep) rmSync(world.folder, { recursive: true, force: true });
    else say(`the round's folder is kept: ${world.folder}`);
  }
}

async function live(world: World, connectors: Connector[], plan: Fault[], options: RoundOptions) {
  const { seed, say } = options;
  const random = createRandom(seed + 1);
  const external = createExternalRunner(world.api, world.sql);
  const lastAtMs = plan.at(-1)?.atMs ?? 0;
  const workload = startWorkload({
    api: world.api,
    connectors,
    external,
    random,
    everyMs: OPERATION_MS,
    doomAfterMs: lastAtMs * 0.4,
  });
  const faulting = startFaults(plan, world, new AbortController().signal);
  const telling = tell(world, faulting, plan.length, say);
  await faulting.finished;
  await workload.stop();
  say(`${plan.length} faults and ${workload.operations()} operations are done; everything heals and settles`);
  await heal(world, HEAL_MS);
  const { api, sql } = world;
  const timeoutMs = options.settleMs ?? SETTLE_MS;
  const unsettled = await settle({ api, sql, connectors, external, random, timeoutMs });
  clearInterval(telling);
  const contradictions = [...workload.contradictions, ...external.contradictions];
  const checks = await prove(world, { connectors, unsettled, contradictions });
  return { checks, faults: faulting.done() };
}

function tell(world: World, faulting: FaultRun, planned: number, say: RoundOptions['say']): NodeJS.Timeout {
  const startedAt = performance.now();
  let isAsking = false;
  return setInterval(async () => {
    if (isAsking) return;
    isAsking = true;
    const found = await summary(world).catch(() => null);
    isAsking = false;
    const s = Math.round((performance.now() - startedAt) / 1000);
    const now =
      faulting.done().length < planned
        ? `${faulting.done().length}/${planned} faults (${faulting.last()})`
        : 'settling';
    const told = found ? `runs ${found.runs}, ${found.rowsLoaded} rows loaded` : 'Postgres does not answer';
    say(`${String(s).padStart(5)} s  ${now}; ${told}`);
  }, SAY_MS);
}

async function summary({ sql }: World): Promise<{ runs: string; rowsLoaded: number }> {
  const rows = await sql<{ status: string; n: number }[]>`
    select status, count(*)::int as n from etl.runner_jobs group by 1 order by 1`;
  const [total] = await sql<
    { n: number }[]
  >`select coalesce(sum(rows_loaded), 0)::int as n from etl.sync_runs`;
  return {
    runs: rows.map(({ status, n }) => `${n} ${status}`).join(', ') || tally([]),
    rowsLoaded: total?.n ?? 0,
  };
}
