import { describe, expect, test } from 'vitest';
import { LostLeaseError } from '../../../src/errors.ts';
import { loadStreams } from '../../../src/services/runs/load-streams.ts';
import { createStaged, mapField, NAMESPACE } from './fixtures.ts';
import { FIELDS, useLoading } from './loading.ts';

describe('loading a run', () => {
  const loading = useLoading();
  const { run, lakeRows, stage, mapDeals } = loading;

  test('a stream without mappings passes through to the destination table; the next run reads only what it touched', async () => {
    const at = await createStaged(loading.deps.database.sql, loading.connector, 'deals', FIELDS);
    const first = await run();
    await stage(at, 1, 2_500, first.loadId);
    const table = `${NAMESPACE}.${loading.destination}`;
    const seen: number[] = [];
    const stats = await loadStreams(loading.ctx, {
      ...first,
      onProgress: ([current]) => seen.push(current?.read ?? 0),
    });
    expect(stats).toEqual([{ stream: 'deals', table, read: 2_500, loaded: 2_500, rejected: 0 }]);
    expect(seen.at(-1)).toBe(2_500);
    const second = await run();
    await stage(at, 2_500, 2_502, second.loadId);
    expect(await loadStreams(loading.ctx, second)).toEqual([
      { stream: 'deals', table, read: 3, loaded: 3, rejected: 0 },
    ]);
    expect(await lakeRows(loading.destination, 'count(*), max(id)')).toEqual([[2_502n, 2_502n]]);
    expect(await loadStreams(loading.ctx, await run())).toEqual([]);
  });

  test('mapped rows are transformed; a row that fails is kept with its reason and costs no other', async () => {
    await mapDeals();
    const at = await createStaged(loading.deps.database.sql, loading.connector, 'deals', FIELDS);
    const input = await run();
    await stage(at, 1, 30, input.loadId);
    const stats = await loadStreams(loading.ctx, input);
    expect(stats).toMatchObject([{ read: 30, loaded: 27, rejected: 3 }]);
    expect((await lakeRows(loading.destination)).slice(0, 2)).toEqual([
      [1n, 'DEAL 1', 1],
      [2n, 'DEAL 2', 2],
    ]);
    const rejected = await loading.deps.database.sql`select row_key, row, column_name, expression, error
      from etl.rejected_rows where run_id = ${input.runId} order by row_key`;
    expect(rejected).toHaveLength(3);
    expect(rejected[0]).toMatchObject({
      row_key: '["10"]',
      column_name: 'usd',
      expression: 'float(v)/100 if v else 0.0',
    });
    expect(JSON.parse(rejected[0]?.['row'])).toMatchObject({ id: '10', amount: 'many' });
    expect(rejected[0]?.['error']).toMatch(/could not convert/);
  });

  test('loading a run again changes nothing and answers the same counts', async () => {
    await mapDeals();
    const at = await createStaged(loading.deps.database.sql, loading.connector, 'deals', FIELDS);
    const input = await run();
    await stage(at, 1, 30, input.loadId);
    const first = await loadStreams(loading.ctx, input);
    const rows = await lakeRows(loading.destination);
    expect(await loadStreams(loading.ctx, input)).toEqual(first);
    expect(await lakeRows(loading.destination)).toEqual(rows);
    const [kept] = await loading.deps.database
      .sql`select count(*)::int as n from etl.rejected_rows where run_id = ${input.runId}`;
    expect(kept).toEqual({ n: 3 });
  });

  test('a worker that lost the run commits nothing', async () => {
    const at = await createStaged(loading.deps.database.sql, loading.connector, 'deals', FIELDS);
    const input = await run();
    await stage(at, 1, 10, input.loadId);
    let asked = 0;
    const guard = async () => {
      asked += 1;
      if (asked === 2) throw new LostLeaseError(input.runId);
    };
    await expect(loadStreams(loading.ctx, { ...input, guard })).rejects.toBeInstanceOf(LostLeaseError);
    expect(await lakeRows(loading.destination)).toEqual([]);
    expect(await loadStreams(loading.ctx, input)).toMatchObject([{ loaded: 10 }]);
  });

  test('a cancelled load stops and leaves nothing behind', async () => {
    const at = await createStaged(loading.deps.database.sql, loading.connector, 'deals', FIELDS);
    const cancel = new AbortController();
    const input = await run({ signal: cancel.signal });
    await stage(at, 1, 1_000, input.loadId);
    const onProgress = () => cancel.abort(new Error('cancelled'));
    await expect(loadStreams(loading.ctx, { ...input, onProgress })).rejects.toThrow('cancelled');
    expect(await lakeRows(loading.destination)).toEqual([]);
  });

  test('rows the source deleted are removed by key; without a key they are skipped and counted', async () => {
    const { sql } = loading.deps.database;
    const at = await createStaged(sql, loading.connector, 'deals', FIELDS);
    const log = await createStaged(sql, loading.connector, 'log', { fields: 'line text' });
    const first = await run();
    await stage(at, 1, 3, first.loadId);
    await loadStreams(loading.ctx, first);
    const second = await run();
    await sql.unsafe(
      `update ${at} set _sdc_deleted_at = now(), _ivory_load_id = ${second.loadId} where id = 2`,
    );
    await sql.unsafe(`insert into ${log} (line, _sdc_deleted_at, _ivory_load_id)
      values ('kept', null, ${second.loadId}), ('gone', now(), ${second.loadId})`);
    expect(await loadStreams(loading.ctx, second)).toMatchObject([
      { stream: 'deals', read: 1, loaded: 1, rejected: 0 },
      { stream: 'log', read: 1, loaded: 1, rejected: 0, skipped: 1 },
    ]);
    expect(await lakeRows(`${loading.destination}__deals`, 'id')).toEqual([[1n], [3n]]);
    expect(await lakeRows(`${loading.destination}__log`)).toEqual([['kept']]);
  });

  test('a row whose key comes out empty is rejected', async () => {
    await mapField(loading.deps, loading.connector, {
      sourceField: 'name',
      targetColumn: 'title',
      isKey: true,
      transformFn: 'v.strip() or None',
    });
    const at = await createStaged(loading.deps.database.sql, loading.connector, 'deals', FIELDS);
    const input = await run();
    await loading.deps.database.sql.unsafe(
      `insert into ${at} (id, name, _ivory_load_id) values (1, 'x', ${input.loadId}), (2, ' ', ${input.loadId})`,
    );
    expect(await loadStreams(loading.ctx, input)).toMatchObject([{ read: 2, loaded: 1, rejected: 1 }]);
  });

  test('two streams mapped to one table are both loaded, and once', async () => {
    await mapField(loading.deps, loading.connector, {
      sourceField: 'id',
      targetColumn: 'id',
      targetType: 'long',
    });
    await mapField(loading.deps, loading.connector, {
      sourceStream: 'leads',
      sourceField: 'id',
      targetColumn: 'id',
      targetType: 'long',
    });
    const input = await run();
    await stage(
      await createStaged(loading.deps.database.sql, loading.connector, 'deals', FIELDS),
      1,
      3,
      input.loadId,
    );
    await stage(
      await createStaged(loading.deps.database.sql, loading.connector, 'leads', FIELDS),
      4,
      6,
      input.loadId,
    );
    const stats = await loadStreams(loading.ctx, input);
    expect(stats.map(({ stream, loaded }) => [stream, loaded])).toEqual([
      ['deals', 3],
      ['leads', 3],
    ]);
    expect(await loadStreams(loading.ctx, input)).toEqual(stats);
    expect(await lakeRows(loading.destination)).toEqual([1n, 2n, 3n, 4n, 5n, 6n].map((id) => [id]));
  });

  test('a mapped field the source never delivered is null and named; a stream that lacks its key is refused, the others load', async () => {
    await mapDeals();
    await mapField(loading.deps, loading.connector, { sourceField: 'owner', targetColumn: 'owner' });
    await mapField(loading.deps, loading.connector, {
      sourceStream: 'leads',
      sourceField: 'lead_id',
      targetTable: 'leads',
      targetColumn: 'id',
      isKey: true,
    });
    const input = await run();
    await stage(
      await createStaged(loading.deps.database.sql, loading.connector, 'deals', FIELDS),
      1,
      1,
      input.loadId,
    );
    await stage(
      await createStaged(loading.deps.database.sql, loading.connector, 'leads', FIELDS),
      1,
      1,
      input.loadId,
    );
    await expect(loadStreams(loading.ctx, input)).rejects.toMatchObject({
      code: 'load.source_column_missing',
    });
    expect(await lakeRows(loading.destination)).toEqual([[1n, 'DEAL 1', 1, null]]);
    await loading.deps.database
      .sql`delete from etl.field_mappings where connector_id = ${loading.connector.id} and source_stream = 'leads'`;
    expect((await loadStreams(loading.ctx, input))[0]).toMatchObject({
      stream: 'deals',
      loaded: 1,
      missingFields: ['owner'],
    });
  });

  test('beside a refused stream, one that appends waits: the repeated run would append it twice', async () => {
    const { sql } = loading.deps.database;
    const log = await createStaged(sql, loading.connector, 'log', { fields: 'line text' });
    await mapField(loading.deps, loading.connector, {
      sourceStream: 'leads',
      sourceField: 'gone',
      targetColumn: 'gone',
    });
    const input = await run();
    await stage(await createStaged(sql, loading.connector, 'leads', FIELDS), 1, 1, input.loadId);
    await sql.unsafe(`insert into ${log} (line, _ivory_load_id) values ('a', ${input.loadId})`);
    await expect(loadStreams(loading.ctx, input)).rejects.toMatchObject({
      code: 'load.source_column_missing',
    });
    expect(await loading.deps.lakehouse.describeTable(NAMESPACE, `${loading.destination}__log`)).toBeNull();
  });

  test("another loader's tables are loaded without its knowing about load ids", async () => {
    const { sql } = loading.deps.database;
    const at = await createStaged(sql, loading.connector, 'deals', { ...FIELDS, loadColumn: false });
    await sql.unsafe(`insert into ${at} (id, name) values (1, 'a'), (2, 'b')`);
    expect(await loadStreams(loading.ctx, await run())).toMatchObject([{ read: 2, loaded: 2 }]);
    await sql.unsafe(`update ${at} set name = 'B' where id = 2`);
    expect(await loadStreams(loading.ctx, await run())).toMatchObject([{ read: 1, loaded: 1 }]);
    expect(await lakeRows(loading.destination, 'id, name')).toEqual([
      [1n, 'a'],
      [2n, 'B'],
    ]);
  });
});
