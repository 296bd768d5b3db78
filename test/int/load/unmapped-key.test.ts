import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { runnerJobs } from '../../../src/db/schema/index.ts';
import { loadRun } from '../../../src/services/runs/load.ts';
import { createStaged, mapField, startRun } from './fixtures.ts';
import { FIELDS, useLoading } from './loading.ts';

const loading = useLoading();

async function warningsOfLoad(): Promise<string[]> {
  const { deps, connector } = loading;
  const at = await createStaged(deps.database.sql, connector, 'deals', FIELDS);
  const { runId, loadId } = await startRun(deps, connector);
  await loading.stage(at, 1, 2, loadId);
  await loadRun(deps, { runId, workerId: 'w', signal: new AbortController().signal, lastAttempt: true });
  const [run] = await deps.database.db
    .select({ warnings: runnerJobs.warnings })
    .from(runnerJobs)
    .where(eq(runnerJobs.id, runId));
  return run?.warnings ?? ['no run'];
}

test('a run whose rows have a key that is not mapped says that they are appended, and what to do', async () => {
  await mapField(loading.deps, loading.connector, { sourceField: 'name', targetColumn: 'title' });
  expect(await warningsOfLoad()).toEqual([
    `stream "deals": the key "id" is not mapped, so rows are appended to ${loading.destination} and one that is delivered again is there twice: map it, or mark the column that tells rows apart as the key`,
  ]);
});

test('a run whose key is mapped has nothing to say', async () => {
  await loading.mapDeals();
  expect(await warningsOfLoad()).toEqual([]);
});

test('a column marked as the key is as good', async () => {
  const title = { sourceField: 'name', targetColumn: 'title', isKey: true };
  await mapField(loading.deps, loading.connector, title);
  expect(await warningsOfLoad()).toEqual([]);
});
