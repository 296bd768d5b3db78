import { describe, expect, test } from 'vitest';
import { loadStreams } from '../../../src/services/runs/load-streams.ts';
import { createStaged, mapField, NAMESPACE } from './fixtures.ts';
import { useLoading } from './loading.ts';

describe('types a load settles on', () => {
  const loading = useLoading();
  const { run, lakeRows } = loading;

  async function types(): Promise<Record<string, unknown>> {
    const table = await loading.deps.lakehouse.describeTable(NAMESPACE, loading.destination);
    return Object.fromEntries(table?.columns.map(({ name, type }) => [name, type]) ?? []);
  }

  async function stageNumbers(at: string, values: string[], loadId: number, from = 1): Promise<void> {
    const rows = values.map((value, n) => `(${from + n}, ${value}, ${loadId})`);
    await loading.deps.database.sql.unsafe(
      `insert into ${at} (id, n, _ivory_load_id) values ${rows.join(', ')}`,
    );
  }

  function numbers(type = 'numeric'): Promise<string> {
    const { deps, connector } = loading;
    return createStaged(deps.database.sql, connector, 'numbers', {
      fields: `id bigint, n ${type}`,
      key: 'id',
    });
  }

  async function loadOf(at: string, values: string[], from = 1) {
    const input = await run();
    await stageNumbers(at, values, input.loadId, from);
    return loadStreams(loading.ctx, input);
  }

  test.each([
    ['doubles', ['0.1', '-1e-7', "'NaN'", '12345678901234.5', 'null', '1e300'], { kind: 'double' }],
    [
      'integers beyond 64 bits',
      ['18446744073709551615', '-1', '0.5'],
      { kind: 'decimal', precision: 38, scale: 18 },
    ],
    ['long integers', ['1234567890123456789012345678901'], { kind: 'decimal', precision: 38, scale: 7 }],
    ['many decimals', ['0.1234567890123456789012345'], { kind: 'decimal', precision: 38, scale: 25 }],
    ['more digits than any decimal', ['1234567890123456789012345678901.123456789'], { kind: 'string' }],
  ])('numbers without limits (%s) lose nothing', async (_, values, type) => {
    const at = await numbers();
    expect(await loadOf(at, values)).toMatchObject([
      { read: values.length, loaded: values.length, rejected: 0 },
    ]);
    expect((await types())['n']).toEqual(type);
    const [same] = await loading.deps.database.sql.unsafe(
      `select bool_and(s.n is not distinct from l.n::text::numeric) as same
       from ${at} s join ${NAMESPACE}."${loading.destination}" l using (id)`,
    );
    expect(same).toEqual({ same: true });
  });

  test('a type once settled stays: what it cannot hold is rejected with the reason, and the rest is loaded', async () => {
    const at = await numbers();
    await loadOf(at, ['0.5']);
    expect(await loadOf(at, ['0.25', '18446744073709551615'], 2)).toMatchObject([
      { read: 2, loaded: 1, rejected: 1 },
    ]);
    const [kept] = await loading.deps.database.sql`select column_name, error from etl.rejected_rows
      where connector_id = ${loading.connector.id}`;
    expect(kept).toMatchObject({
      column_name: 'n',
      error: expect.stringMatching(/a double would lose digits/),
    });
    expect(await lakeRows(loading.destination)).toEqual([
      [1n, 0.5],
      [2n, 0.25],
    ]);
  });

  test.each([
    ['integer', 'bigint', '9007199254740993', { kind: 'long' }, 9007199254740993n],
    [
      'bigint',
      'numeric(25,2)',
      '12345678901234567890.12',
      { kind: 'decimal', precision: 25, scale: 2 },
      '12345678901234567890.12',
    ],
    [
      'numeric(6,2)',
      'numeric(12,2)',
      '1234567890.12',
      { kind: 'decimal', precision: 12, scale: 2 },
      '1234567890.12',
    ],
  ])('a source column that grew from %s to %s widens the table', async (from, to, value, type, read) => {
    const at = await numbers(from);
    await loadOf(at, ['7']);
    await loading.deps.database.sql.unsafe(`alter table ${at} alter n type ${to}`);
    expect(await loadOf(at, [value], 2)).toMatchObject([{ loaded: 1, rejected: 0 }]);
    expect((await types())['n']).toEqual(type);
    expect((await lakeRows(loading.destination)).at(1)).toEqual([2n, read]);
  });

  test('a source column that became text keeps the table as it is: rows that still fit are loaded, the others rejected', async () => {
    const at = await numbers('bigint');
    await loadOf(at, ['7']);
    await loading.deps.database.sql.unsafe(`alter table ${at} alter n type text`);
    expect(await loadOf(at, ["'8'", "'eight'"], 2)).toMatchObject([{ read: 2, loaded: 1, rejected: 1 }]);
    expect((await types())['n']).toEqual({ kind: 'long' });
    expect(await lakeRows(loading.destination)).toEqual([
      [1n, 7n],
      [2n, 8n],
    ]);
    const [kept] = await loading.deps.database.sql`select error from etl.rejected_rows
      where connector_id = ${loading.connector.id}`;
    expect(kept).toMatchObject({ error: '"eight" does not become long: it is not a number' });
  });

  test('a mapping that asks for a narrower type than the table has is given the wider', async () => {
    const at = await numbers('bigint');
    await loadOf(at, ['7']);
    const map = (sourceField: string, targetType: string) =>
      mapField(loading.deps, loading.connector, {
        sourceStream: 'numbers',
        targetTable: loading.destination,
        sourceField,
        targetColumn: sourceField,
        targetType,
      });
    await map('id', 'long');
    await map('n', 'int');
    expect(await loadOf(at, ['9007199254740993'], 2)).toMatchObject([{ loaded: 1, rejected: 0 }]);
  });
});
