import { expect } from 'vitest';
import { removeConnector } from '../../../src/services/connectors/remove.ts';
import { relayOutbox } from '../../../src/services/outbox/relay.ts';
import { dispatchDue } from '../../../src/services/runs/dispatch-due.ts';
import { reapLost } from '../../../src/services/runs/reap-lost.ts';
import { sweepWaiting } from '../../../src/services/runs/sweep-waiting.ts';
import { historyOf, runsOf, tenantContext } from '../../harness/connectors.ts';
import { pass, work } from './steps.ts';
import { NAMESPACE, ROWS_PER_RUN, tableOf, type World } from './world.ts';

const ROUNDS = 25;
const HEALTHY = {
  calls: Number.POSITIVE_INFINITY,
  end: { status: 'completed', state: null },
  gate: null,
} as const;

/** Lets the ticks and healthy workers go on until nothing is left to do; every frozen worker wakes first. */
export async function drain(world: World): Promise<void> {
  world.queueDown = false;
  for (const { wake } of world.parked) wake();
  await Promise.all(world.parked.splice(0).map(({ done }) => done));
  for (let round = 0; round < ROUNDS; round++) {
    await pass(world, 'leases');
    await pass(world, 'waiting');
    for (const tick of [reapLost, dispatchDue, relayOutbox, sweepWaiting]) await tick(world.deps);
    for (const job of world.deps.jobs.splice(0)) await work(world, job, HEALTHY);
    if (await isIdle(world)) return;
  }
  expect.fail('the runs did not come to an end');
}

async function isIdle({ deps, connectors }: World): Promise<boolean> {
  const [left] = await deps.database.sql<{ n: number }[]>`select (
    (select count(*) from etl.runner_jobs where status in ('queued', 'running', 'loading') and connector_id = any(${connectors}::uuid[]))
    + (select count(*) from etl.meltano_connectors where status = 'active' and next_run_at <= now() and id = any(${connectors}::uuid[]))
    + (select count(*) from etl.outbox))::int as n`;
  return left?.n === 0;
}

/** Every run that ended well is in the lakehouse once, whatever was tried; no other run is there twice. */
export async function assertLoadedOnce({ deps, connectors }: World): Promise<void> {
  for (const id of connectors) {
    const history = await historyOf(deps, id);
    const inLake = await rowsByLoad(deps, id);
    for (const { loadId, status, rowsLoaded } of history) {
      const rows = inLake.get(loadId) ?? 0;
      expect([0, ROWS_PER_RUN], `load ${loadId} (${status})`).toContain(rows);
      if (status === 'completed' || status === 'partial') expect(rowsLoaded).toBe(rows);
    }
  }
}

async function rowsByLoad({ database }: World['deps'], connectorId: string): Promise<Map<number, number>> {
  const [found] =
    await database.sql`select to_regclass(${`${NAMESPACE}.${tableOf(connectorId)}`}) is not null as found`;
  if (!found?.['found']) return new Map();
  const rows = await database.sql.unsafe<{ load: number; n: number }[]>(
    `select (id / 10)::int as load, count(*)::int as n from ${NAMESPACE}.${tableOf(connectorId)} group by 1`,
  );
  return new Map(rows.map(({ load, n }) => [load, n]));
}

/** A trigger answered "a run will come" got its run, unless somebody stopped the connector since. */
export async function assertPromisesKept({ deps, promised }: World): Promise<void> {
  for (const [id, before] of promised) {
    const manual = (await runsOf(deps, id)).filter(({ trigger }) => trigger === 'manual');
    expect(manual.length, 'a trigger that was answered 202 had its run').toBeGreaterThan(before);
  }
}

const TABLES_OF_A_CONNECTOR = [
  'etl.runner_jobs',
  'etl.sync_runs',
  'etl.rejected_rows',
  'etl.field_mappings',
  'etl.state_history',
  'etl.mapping_jobs',
];

/** Deletes what is left of the connectors and looks for anything that stayed, or came back, anywhere. */
export async function assertNothingStays({ deps, connectors }: World): Promise<void> {
  for (const connectorId of connectors)
    await removeConnector(tenantContext(deps), { connectorId }).catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'connector.not_found' });
    });
  const { sql } = deps.database;
  for (const table of TABLES_OF_A_CONNECTOR) {
    const left = await sql`select * from ${sql(table)} where connector_id = any(${connectors}::uuid[])`;
    expect(left, table).toEqual([]);
  }
  const names = connectors.map((id) => `etl_staging_files_${id.slice(0, 8)}`);
  expect(await sql`select nspname from pg_namespace where nspname = any(${names})`).toEqual([]);
}
