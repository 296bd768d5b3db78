import { setTimeout as wait } from 'node:timers/promises';
import { type Fleet, type FleetSize, startFleet } from './scale/fleet.ts';
import { openObserver, tableFigures } from './scale/postgres-figures.ts';
import {
  type FleetRound,
  measureDispatch,
  measureIdle,
  measureRound,
  type Pauses,
  type Subjects,
} from './scale/round.ts';
import { type Scale, seedScale } from './scale/seed.ts';
import { sideOfDispatch, sideOfIdle, sideOfRound } from './scale/sides.ts';
import { ROWS, STREAMS, writeSmallTap } from './scale/small-tap.ts';
import { startInstallation } from './shared/installation.ts';
import type { BenchOptions, Outcome, Side } from './shared/outcome.ts';

/** Every connector runs once to make its tables, then again as it does for the rest of its life. */
const ROUNDS = 2;
const PAUSES: Pauses = { restMs: 15_000, settleMs: 2_000, untilDueMs: 5_000 };

const STATEMENTS = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.max': '10000',
};

/**
 * A fleet of real processes on one machine, with many connectors, that carries small real runs which all fall due at once. Says what that
 * takes, and what a run costs.
 */
export async function run({
  rounds,
  say,
  sizes = {},
  pauses = PAUSES,
}: BenchOptions & { pauses?: Pauses }): Promise<Outcome> {
  const of = (name: string, usual: number) => sizes[name] ?? usual;
  const connectors = of('connectors', 100_000);
  const scale: Scale = {
    connectors,
    tenants: of('tenants', Math.max(1, Math.floor(connectors / 100))),
    runs: Math.min(of('runs', 2_000), connectors),
    history: of('history', connectors * 10),
  };
  const size: FleetSize = {
    scheduler: of('schedulers', 3),
    runner: of('runners', 4),
    transform: of('transforms', 4),
    api: of('apis', 1),
  };
  const sides = await measure({ scale, size, rounds: rounds ?? ROUNDS, pauses, say });
  return {
    name: 'scale',
    aim: `${scale.runs} runs due at once among ${connectors} connectors of ${scale.tenants} tenants: all completed, none lost, none twice`,
    ratio: null,
    ok: true,
    sides,
    notes: notesOf(scale, size),
  };
}

interface Measured {
  scale: Scale;
  size: FleetSize;
  rounds: number;
  pauses: Pauses;
  say(line: string): void;
}

async function measure({ scale, size, rounds, pauses, say }: Measured): Promise<Record<string, Side>> {
  const installation = await startInstallation({ settings: STATEMENTS });
  const sides: Record<string, Side> = {};
  let fleet: Fleet | null = null;
  const observer = await openObserver(installation.database.sql, installation.databaseUrl);
  try {
    if (!installation.redis) say('NO REDIS on this machine: the queues are in Postgres.');
    await seedScale(installation, scale, say);
    const environment = {
      ...installation.environment,
      CUSTOM_TAPS_FILE: writeSmallTap(installation.folder),
      SCHEDULE_JITTER_S: '0',
    };
    fleet = await startFleet(size, { environment, folder: installation.folder });
    say(`${fleet.members.length} processes serve`);
    const subjects: Subjects = { installation, observer, fleet, pauses };
    sides['at rest'] = sideOfIdle(await measureIdle(subjects));
    for (let round = 1; round <= rounds; round++) {
      const name = round === 1 ? 'first runs (they make their tables)' : `runs, round ${round}`;
      say(name);
      const figures: FleetRound = await measureRound(subjects, scale.runs, say);
      sides[name] = sideOfRound(figures, scale.runs);
    }
    sides['tables so far'] = await tableFigures(observer);
    await fleet.end(['runner', 'transform', 'api']);
    say(`all ${scale.connectors} connectors due, schedulers alone`);
    // the workers' last looks at the queues are over
    await wait(1_000);
    sides['dispatch of all connectors'] = sideOfDispatch(
      await measureDispatch(subjects, say),
      scale.connectors,
    );
    return sides;
  } finally {
    await observer.close();
    await fleet?.end();
    await installation.close();
  }
}

function notesOf({ runs, history }: Scale, size: FleetSize): string[] {
  const processes = Object.entries(size).map(([kind, count]) => `${count} ${kind}`);
  return [
    `${processes.join(', ')} as processes, settings as shipped but SCHEDULE_JITTER_S=0 (30 by default spreads a herd on purpose); Postgres durable, with pg_stat_statements; all on this machine`,
    `a run: a tap process of its own (a shell script), ${STREAMS.length} streams with ${ROWS} rows together, staged, loaded into ${STREAMS.length} tables of the Postgres lakehouse; ${history} ended runs were there before`,
    `lag: from the slot until a worker had the run, and from the report until it was loaded; half, 95 of 100 and all ${runs} runs waited at most so long`,
    'cost: seconds of processor and statements while the runs went on, by the number of runs; what the fleet does at rest is in it',
  ];
}
