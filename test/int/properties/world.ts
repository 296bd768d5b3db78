import { randomUUID } from 'node:crypto';
import { createPostgresLakehouse } from '../../../src/adapters/lakehouse/postgres.ts';
import type { Deps } from '../../../src/context.ts';
import type { JsonText } from '../../../src/domain/lossless-json.ts';
import { UnavailableError } from '../../../src/errors.ts';
import type { Lakehouse } from '../../../src/ports/lakehouse.ts';
import type { RunHooks, RunOutcome, RunSpec } from '../../../src/ports/runner.ts';
import { createExpressionEngine } from '../../../src/transform/expression/engine.ts';
import { insertConnector } from '../../harness/connectors.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';
import { createScriptedRunner } from '../../harness/scripted-runner.ts';

/** How a tap ends: `null` is a state it never gave. */
export interface TapEnd {
  status: RunOutcome['status'];
  state: JsonText | null;
}

/** A worker that stands still: a frozen process that knows nothing of what goes on, until it is woken. */
export interface Parked {
  wake(): void;
  done: Promise<unknown>;
}

/** Where a worker freezes. */
export interface Gate {
  /** Called by the worker: freezes it until it is woken. */
  pass(): Promise<void>;
  reached: Promise<void>;
  open(): void;
}

export function createGate(): Gate {
  const reached = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  return {
    reached: reached.promise,
    open: opened.resolve,
    pass() {
      reached.resolve();
      return opened.promise;
    },
  };
}

/** One history's surroundings. Its connectors are its own; database and lakehouse are shared by all. */
export interface World {
  deps: TestDeps;
  connectors: string[];
  parked: Parked[];
  queueDown: boolean;
  /** What a worker wrote for a run it no longer held; executeRun would swallow an error here. */
  thefts: string[];
  /** Triggers accepted with a run to come, by connector: the manual runs there were before. */
  promised: Map<string, number>;
}

export const ROWS_PER_RUN = 2;
export const NAMESPACE = 'ivory_tenant_acme';

export async function openSurroundings(): Promise<TestDeps> {
  const deps = await createTestDeps({ expressions: createExpressionEngine() });
  deps.lakehouse = createPostgresLakehouse({ url: deps.databaseUrl });
  await deps.lakehouse.provision('acme', NAMESPACE);
  return deps;
}

export async function closeSurroundings(deps: TestDeps): Promise<void> {
  await deps.expressions.close();
  await deps.lakehouse.close();
  await deps.close();
}

export async function newWorld(surroundings: TestDeps, connectors: number): Promise<World> {
  const world: World = {
    deps: surroundings,
    connectors: [],
    parked: [],
    queueDown: false,
    thefts: [],
    promised: new Map(),
  };
  world.deps = { ...surroundings, producer: failingProducer(world, surroundings) };
  for (let i = 0; i < connectors; i++) {
    const id = randomUUID();
    const schedule = ['0 2 * * *', '*/5 * * * *'][i % 2] ?? '0 2 * * *';
    await insertConnector(world.deps, {
      id,
      syncSchedule: schedule,
      loadMode: 'append',
      destinationTable: tableOf(id),
    });
    world.connectors.push(id);
  }
  return world;
}

export function tableOf(connectorId: string): string {
  return `t_${connectorId.slice(0, 8)}`;
}

function failingProducer(world: World, { producer }: Deps): Deps['producer'] {
  const orDown = async <T>(work: () => Promise<T>) => {
    if (world.queueDown) throw new UnavailableError('queue.unavailable', 'The job queue does not answer.');
    return work();
  };
  return {
    ...producer,
    add: (...args) => orDown(() => producer.add(...args)),
    addMany: (jobs) => orDown(() => producer.addMany(jobs)),
  };
}

/** A tap that stages two rows of its own, in a transaction that the run's guard ends, and ends as told. `gate` holds it up first. */
export function tap({ deps, thefts }: World, { status, state }: TapEnd, gate: Gate | null) {
  return createScriptedRunner(async (spec, hooks) => {
    const fence = await fenceOf(deps, spec);
    await gate?.pass();
    if (status === 'failed')
      return {
        status,
        rowsWritten: 0,
        state,
        streams: {},
        errorCode: 'tap.failed',
        errorMsg: claimedUnder(fence),
      };
    await stage(deps, spec, hooks, { fence, thefts });
    const counts = { rowsWritten: ROWS_PER_RUN, state, streams: { s: { rows: ROWS_PER_RUN, bytes: 20 } } };
    return status === 'completed'
      ? { status, ...counts }
      : { status, ...counts, errorCode: 'tap.failed', errorMsg: 'It said no, late.' };
  });
}

/** What a failed tap says: a report of a worker that had lost its run can be told by it. */
export function claimedUnder(fence: number): string {
  return `claimed under fence ${fence}`;
}

async function fenceOf({ database }: Deps, { runId }: RunSpec): Promise<number> {
  const [run] = await database.sql<
    { fence: number }[]
  >`select fence from etl.runner_jobs where id = ${runId}`;
  return run?.fence ?? 0;
}

async function stage(
  deps: Deps,
  { runId, stagingSchema, loadId }: RunSpec,
  { guardCommit }: RunHooks,
  { fence, thefts }: { fence: number; thefts: string[] },
): Promise<void> {
  const client = await deps.database.pool.connect();
  const table = `"${stagingSchema}".s`;
  try {
    await client.query('begin');
    await client.query(`create schema if not exists "${stagingSchema}"`);
    await client.query(`create table if not exists ${table} (id bigint primary key, _ivory_load_id bigint)`);
    await client.query(`comment on table ${table} is 'Singer stream s'`);
    await client.query(
      `insert into ${table} select ${loadId} * 10 + n, ${loadId} from generate_series(1, ${ROWS_PER_RUN}) n
       on conflict (id) do update set _ivory_load_id = excluded._ivory_load_id`,
    );
    await guardCommit(async (text, values) => (await client.query(text, values)).rows);
    const run = await client.query('select status, fence from etl.runner_jobs where id = $1', [runId]);
    if (run.rows[0]?.fence !== fence || run.rows[0]?.status !== 'running')
      thefts.push(`rows were staged under fence ${fence} of a run that is ${JSON.stringify(run.rows[0])}`);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

/** A lakehouse whose commits wait for the gate: the worker has asked whether the run is its own, and freezes. */
export function frozenCommits(lakehouse: Lakehouse, gate: Gate): Lakehouse {
  return {
    ...lakehouse,
    openBatch: async (spec) => {
      const batch = await lakehouse.openBatch(spec);
      return {
        ...batch,
        commit: async () => {
          await gate.pass();
          return batch.commit();
        },
      };
    },
  };
}
