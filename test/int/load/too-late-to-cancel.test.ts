import { expect, test } from 'vitest';
import type { Deps } from '../../../src/context.ts';
import { UnavailableError } from '../../../src/errors.ts';
import type { Lakehouse } from '../../../src/ports/lakehouse.ts';
import { cancelRun } from '../../../src/services/runs/cancel.ts';
import { loadRun } from '../../../src/services/runs/load.ts';
import { reapLost } from '../../../src/services/runs/reap-lost.ts';
import { historyOf, runsOf } from '../../harness/connectors.ts';
import { createStaged, startRun } from './fixtures.ts';
import { useLoading } from './loading.ts';

const loading = useLoading();
const ROWS = 20;

/** Two streams without keys, each with rows of one run. */
async function staged() {
  const { deps, connector } = loading;
  const { sql } = deps.database;
  const run = await startRun(deps, connector);
  for (const stream of ['first', 'second']) {
    const at = await createStaged(sql, connector, stream, { fields: 'line text' });
    await sql.unsafe(
      `insert into ${at} (line, _ivory_load_id) select n::text, ${run.loadId} from generate_series(1, ${ROWS}) n`,
    );
  }
  return run;
}

/** Goes away when the batch after so many is opened. */
function awayAfter(batches: number): Lakehouse {
  const { lakehouse } = loading.deps;
  let opened = 0;
  return {
    ...lakehouse,
    openBatch(spec) {
      opened += 1;
      if (opened > batches) throw new UnavailableError('lakehouse.unavailable', 'The lakehouse is away.');
      return lakehouse.openBatch(spec);
    },
  };
}

const load = (runId: string, changes: Partial<Deps> = {}) =>
  loadRun(
    { ...loading.deps, ...changes },
    { runId, workerId: 'w', signal: new AbortController().signal, lastAttempt: true },
  );

const rowsIn = async (stream: string) =>
  Number((await loading.lakeRows(`${loading.destination}__${stream}`, 'count(*)'))[0]?.[0]);

test('a run that has added to a table without a key is carried to its end: neither a cancel nor its last attempt ends it half-way', async () => {
  const { runId } = await staged();
  await expect(load(runId, { lakehouse: awayAfter(1) })).rejects.toThrow('away');
  expect(await rowsIn('first')).toBe(ROWS);
  const { id: connectorId } = loading.connector;
  expect(await cancelRun(loading.ctx, { connectorId, runId })).toMatchObject({ status: 'cancelling' });
  await reapLost(loading.deps);
  expect(await runsOf(loading.deps, connectorId)).toMatchObject([{ status: 'loading' }]);
  await load(runId);
  expect([await rowsIn('first'), await rowsIn('second')]).toEqual([ROWS, ROWS]);
  expect(await historyOf(loading.deps, connectorId)).toMatchObject([
    { status: 'completed', rowsLoaded: 2 * ROWS },
  ]);
});

test('a commit whose worker died before it could say so is found, and the cancel that came meanwhile is too late', async () => {
  const { runId } = await staged();
  await expect(load(runId, { lakehouse: awayAfter(1) })).rejects.toThrow('away');
  await loading.deps.database.sql`update etl.load_batches set state = 'staged' where run_id = ${runId}`;
  const { id: connectorId } = loading.connector;
  await cancelRun(loading.ctx, { connectorId, runId });
  await load(runId);
  expect(await historyOf(loading.deps, connectorId)).toMatchObject([
    { status: 'completed', rowsLoaded: 2 * ROWS },
  ]);
  expect([await rowsIn('first'), await rowsIn('second')]).toEqual([ROWS, ROWS]);
});

test('a run that has added nothing yet is cancelled at once, and its last attempt is its end', async () => {
  const cancelled = await staged();
  await expect(load(cancelled.runId, { lakehouse: awayAfter(0) })).resolves.toBeUndefined();
  const { id: connectorId } = loading.connector;
  expect(await historyOf(loading.deps, connectorId)).toMatchObject([
    { status: 'failed', errorCode: 'lakehouse.unavailable' },
  ]);
  const { runId } = await startRun(loading.deps, loading.connector);
  expect(await cancelRun(loading.ctx, { connectorId, runId })).toMatchObject({ status: 'cancelled' });
});

test('a load that has begun to write may lose more workers than one that has not', async () => {
  const { runId } = await staged();
  await expect(load(runId, { lakehouse: awayAfter(1) })).rejects.toThrow('away');
  const { sql } = loading.deps.database;
  await sql`update etl.runner_jobs set attempt = 7, lease_until = now() - interval '1 s', worker_id = 'gone' where id = ${runId}`;
  await reapLost(loading.deps);
  const { id: connectorId } = loading.connector;
  expect(await runsOf(loading.deps, connectorId)).toMatchObject([{ status: 'loading', leaseUntil: null }]);
  await sql`update etl.runner_jobs set attempt = 50, lease_until = now() - interval '1 s' where id = ${runId}`;
  await reapLost(loading.deps);
  expect(await historyOf(loading.deps, connectorId)).toMatchObject([
    { status: 'failed', errorCode: 'run.worker_lost' },
  ]);
});
