import fc from 'fast-check';
import type { Deps } from '../../../src/context.ts';
import { AppError } from '../../../src/errors.ts';
import { pauseConnector } from '../../../src/services/connectors/pause.ts';
import { removeConnector } from '../../../src/services/connectors/remove.ts';
import { resumeConnector } from '../../../src/services/connectors/resume.ts';
import { triggerConnector } from '../../../src/services/connectors/trigger.ts';
import { relayOutbox } from '../../../src/services/outbox/relay.ts';
import { cancelRun } from '../../../src/services/runs/cancel.ts';
import { dispatchDue } from '../../../src/services/runs/dispatch-due.ts';
import { executeRun } from '../../../src/services/runs/execute.ts';
import { loadRun } from '../../../src/services/runs/load.ts';
import { reapLost } from '../../../src/services/runs/reap-lost.ts';
import { reportRun } from '../../../src/services/runs/report.ts';
import { sweepWaiting } from '../../../src/services/runs/sweep-waiting.ts';
import { putState } from '../../../src/services/state/put.ts';
import { runsOf, tenantContext } from '../../harness/connectors.ts';
import type { RecordedJob } from '../../harness/memory-producer.ts';
import { Killed, mortalDeps } from '../../harness/mortal.ts';
import { createGate, frozenCommits, type Gate, type TapEnd, tap, type World } from './world.ts';

/** One thing that happens. Numbers choose among what there is at that moment. */
export type Step =
  | { do: 'tick'; tick: keyof typeof TICKS; calls: number }
  | { do: 'deliver'; job: number; again: boolean; park: boolean; calls: number; end: TapEnd }
  | { do: 'cycle'; end: TapEnd; lost: boolean }
  | { do: 'wake' | 'drop'; pick: number }
  | { do: 'time'; passes: 'leases' | 'slots' | 'waiting' }
  | { do: 'queue'; down: boolean }
  | { do: 'api'; call: keyof typeof CALLS; connector: number; calls: number }
  | { do: 'webhook'; connector: number; run: number; calls: number; end: TapEnd };

const TICKS = { dispatchDue, reapLost, relayOutbox, sweepWaiting } satisfies Record<
  string,
  (deps: Deps) => Promise<unknown>
>;

const CALLS = {
  trigger: (deps: Deps, connectorId: string) => triggerConnector(tenantContext(deps), { connectorId }),
  pause: (deps: Deps, connectorId: string) => pauseConnector(tenantContext(deps), { connectorId }),
  resume: (deps: Deps, connectorId: string) => resumeConnector(tenantContext(deps), { connectorId }),
  remove: (deps: Deps, connectorId: string) => removeConnector(tenantContext(deps), { connectorId }),
  putState: (deps: Deps, connectorId: string) =>
    putState(tenantContext(deps), { connectorId, state: '{"put":true}', ifVersion: null }),
  cancel: async (deps: Deps, connectorId: string) => {
    const runId = (await runsOf(deps, connectorId)).at(-1)?.id;
    return runId && cancelRun(tenantContext(deps), { connectorId, runId });
  },
} satisfies Record<string, (deps: Deps, connectorId: string) => Promise<unknown>>;

const nth = fc.nat({ max: 30 });
const HEALTHY_CALLS = 10_000;
/** Calls until the process is killed; mostly it lives. */
const calls = fc.oneof(
  { weight: 2, arbitrary: fc.constant(HEALTHY_CALLS) },
  { weight: 1, arbitrary: fc.nat({ max: 25 }) },
);
const end: fc.Arbitrary<TapEnd> = fc.record({
  status: fc.constantFrom('completed', 'completed', 'failed', 'failed', 'partial'),
  state: fc.oneof(
    fc.constantFrom(null, '{}'),
    nth.map((n) => JSON.stringify({ at: n })),
  ),
});

export function anyStep(): fc.Arbitrary<Step> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('tick'), tick: keysOf(TICKS), calls }) },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('deliver'),
        job: nth,
        again: fc.boolean(),
        park: fc.nat({ max: 3 }).map((n) => n === 0),
        calls,
        end,
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant('cycle'), end, lost: fc.nat({ max: 2 }).map((n) => n === 0) }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('wake', 'wake', 'drop'), pick: nth }) },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('time'),
        passes: fc.constantFrom('leases', 'slots', 'slots', 'waiting'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('queue'), down: fc.boolean() }) },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('api'),
        call: fc.constantFrom(
          'trigger',
          'trigger',
          'trigger',
          'pause',
          'resume',
          'resume',
          'remove',
          'putState',
          'cancel',
        ),
        connector: nth,
        calls,
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('webhook'), connector: nth, run: nth, calls, end }) },
  ) as fc.Arbitrary<Step>;
}

export async function take(world: World, step: Step): Promise<void> {
  const { deps } = world;
  switch (step.do) {
    case 'tick':
      return expected(TICKS[step.tick](mortalDeps(deps, step.calls)));
    case 'deliver':
      return deliver(world, step);
    case 'cycle':
      return cycle(world, step);
    case 'wake':
      return wake(world, step.pick);
    case 'drop':
      deps.jobs.splice(step.pick % Math.max(1, deps.jobs.length), 1);
      return;
    case 'time':
      return pass(world, step.passes);
    case 'queue':
      world.queueDown = step.down;
      return;
    case 'api':
      return callApi(world, step);
    case 'webhook':
      return callWebhook(world, step);
  }
}

/** Refusals, outages and deaths are part of the game; anything else is a fault. */
async function expected(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!isExpected(error)) throw error;
  });
}

function isExpected(error: unknown): boolean {
  if (error instanceof Killed || error instanceof AppError) return true;
  return error instanceof Error && error.cause !== undefined && isExpected(error.cause);
}

async function deliver(
  world: World,
  { job, again, park, calls, end }: Step & { do: 'deliver' },
): Promise<void> {
  const { jobs } = world.deps;
  const at = job % Math.max(1, jobs.length);
  const chosen = jobs[at];
  if (!chosen) return;
  if (!again) jobs.splice(at, 1);
  const gate = park ? createGate() : null;
  const done = expected(work(world, chosen, { calls, end, gate }));
  if (!gate) return done;
  world.parked.push({ wake: gate.open, done });
  await Promise.race([gate.reached, done]);
}

interface Working {
  calls: number;
  end: TapEnd;
  gate: Gate | null;
}

/** What a worker process does with a job. */
export async function work(world: World, { name, payload }: RecordedJob, { calls, end, gate }: Working) {
  const { deps } = world;
  const own = mortalDeps(gate ? { ...deps, lakehouse: frozenCommits(deps.lakehouse, gate) } : deps, calls);
  const input = { ...(payload as { runId: string }), workerId: 'w', signal: new AbortController().signal };
  if (name === 'execute-run') await executeRun({ ...own, runners: { custom: tap(world, end, gate) } }, input);
  if (name === 'load-run') await loadRun(own, { ...input, lastAttempt: false });
  if (name === 'dispatch-due') await dispatchDue(own);
}

/** What chance alone brings about too seldom: a slot comes and its tap ends; or its worker freezes, is taken for lost and replaced. */
async function cycle(world: World, { end, lost }: Step & { do: 'cycle' }): Promise<void> {
  const next = { do: 'deliver', job: 0, again: false, calls: HEALTHY_CALLS, end } as const;
  await pass(world, 'slots');
  await expected(dispatchDue(world.deps));
  await deliver(world, { ...next, park: lost });
  if (!lost) return;
  await pass(world, 'leases');
  await expected(reapLost(world.deps));
  await deliver(world, { ...next, park: true });
}

async function wake({ parked }: World, pick: number): Promise<void> {
  const [one] = parked.splice(pick % Math.max(1, parked.length), 1);
  one?.wake();
  await one?.done;
}

export async function pass(
  { deps, connectors }: World,
  passes: 'leases' | 'slots' | 'waiting',
): Promise<void> {
  const { sql } = deps.database;
  if (passes === 'leases')
    await sql`update etl.runner_jobs set lease_until = now() - interval '1 second'
      where lease_until is not null and connector_id = any(${connectors}::uuid[])`;
  if (passes === 'slots')
    await sql`update etl.meltano_connectors set next_run_at = now() - interval '1 second'
      where next_run_at > now() and id = any(${connectors}::uuid[])`;
  if (passes === 'waiting')
    await sql`update etl.runner_jobs set created_at = created_at - interval '1 minute', started_at = started_at - interval '1 minute',
      reported_at = reported_at - interval '1 minute' where connector_id = any(${connectors}::uuid[])`;
}

async function callApi(world: World, { call, connector, calls }: Step & { do: 'api' }): Promise<void> {
  const id = chosen(world, connector);
  const before = (await runsOf(world.deps, id)).filter(({ trigger }) => trigger === 'manual').length;
  const answer = CALLS[call](mortalDeps(world.deps, calls), id);
  await expected(answer);
  const value: unknown = await answer.catch(() => null);
  if (call === 'trigger' && isDispatchPromised(value)) world.promised.set(id, before);
  if (call === 'pause' || call === 'remove') world.promised.delete(id);
}

function isDispatchPromised(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Reflect.get(value, 'runId') === null;
}

async function callWebhook(
  world: World,
  { connector, run, calls, end }: Step & { do: 'webhook' },
): Promise<void> {
  const connectorId = chosen(world, connector);
  const runs = await runsOf(world.deps, connectorId);
  const runId =
    run % 3 === 0 ? null : run % 3 === 1 ? world.deps.newId() : (runs.at(-1 - (run % 2))?.id ?? null);
  const report = reportRun(tenantContext(mortalDeps(world.deps, calls)), {
    connectorId,
    runId,
    status: end.status,
    rowsWritten: 0,
    tapState: end.state,
    errorMsg: null,
    durationS: 1,
  });
  return expected(report);
}

function chosen({ connectors }: World, n: number): string {
  return connectors[n % connectors.length] ?? '';
}

function keysOf<Table extends object>(table: Table): fc.Arbitrary<keyof Table> {
  return fc.constantFrom(...(Object.keys(table) as (keyof Table)[]));
}
