import { describe, expect, test } from 'vitest';
import { finishRun } from '../../../src/services/runs/finish.ts';
import { loadStreams } from '../../../src/services/runs/load-streams.ts';
import { loadLines, recordMessage, schemaMessage } from '../singer/load-lines.ts';
import { createStaged } from './fixtures.ts';
import { FIELDS, useLoading } from './loading.ts';

describe('what a run staged whose load failed for good', () => {
  const loading = useLoading();
  const { lakeRows } = loading;

  /** A tap that lists what there is: rows that are not in the list are deleted. */
  async function stageList(ids: number[], version: number) {
    const input = await loading.run();
    const messages = [
      schemaMessage('deals', { id: { type: 'integer' } }, ['id']),
      ...ids.map((id) => recordMessage('deals', { id }, { version })),
      { type: 'ACTIVATE_VERSION', stream: 'deals', version },
    ];
    const settings = { targetSchema: loading.connector.stagingSchema, loadId: String(input.loadId) };
    await loadLines(loading.deps.database.pool, messages, { settings });
    return input;
  }

  async function end(runId: string, status: 'completed' | 'failed') {
    const { connector, deps, ctx } = loading;
    const [run] = await deps.database.sql`select fence::int from etl.runner_jobs where id = ${runId}`;
    const ended = await finishRun(ctx, {
      runId,
      connectorId: connector.id,
      fence: run?.['fence'],
      status,
      errorCode: null,
      errorMsg: null,
      tables: [],
      counted: false,
      kept: {},
    });
    expect(ended).toBe(true);
  }

  test('deletions it had marked reach the lakehouse with the next run that is loaded', async () => {
    const first = await stageList([1, 2, 3, 4], 1);
    await loadStreams(loading.ctx, first);
    await end(first.runId, 'completed');
    const second = await stageList([1, 4], 2);
    await end(second.runId, 'failed');
    const third = await stageList([1, 4], 3);
    expect(await loadStreams(loading.ctx, third)).toMatchObject([{ read: 4, loaded: 4, rejected: 0 }]);
    await end(third.runId, 'completed');
    expect(await lakeRows(loading.destination)).toEqual([[1n], [4n]]);
    const fourth = await stageList([1, 4], 4);
    expect(await loadStreams(loading.ctx, fourth)).toMatchObject([{ read: 2 }]);
  });

  test('a row that came back meanwhile stays', async () => {
    const first = await stageList([1, 2], 1);
    await loadStreams(loading.ctx, first);
    await end(first.runId, 'completed');
    await end((await stageList([1], 2)).runId, 'failed');
    const third = await stageList([1, 2], 3);
    await loadStreams(loading.ctx, third);
    expect(await lakeRows(loading.destination)).toEqual([[1n], [2n]]);
  });

  test("another loader's rows, whose state Ivory does not keep, are loaded by the next run", async () => {
    const { sql } = loading.deps.database;
    const at = await createStaged(sql, loading.connector, 'deals', { ...FIELDS, loadColumn: false });
    await sql.unsafe(`insert into ${at} (id, name) values (1, 'one')`);
    const first = await loading.run();
    const unreachable = {
      ...loading.ctx,
      lakehouse: { ...loading.ctx.lakehouse, ensureTable: () => Promise.reject(new Error('no')) },
    };
    await expect(loadStreams(unreachable, first)).rejects.toThrow('no');
    await end(first.runId, 'failed');
    await sql.unsafe(`insert into ${at} (id, name) values (2, 'two')`);
    expect(await loadStreams(loading.ctx, await loading.run())).toMatchObject([{ read: 2, loaded: 2 }]);
  });
});
