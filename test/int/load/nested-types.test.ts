import { describe, expect, test } from 'vitest';
import { loadStreams } from '../../../src/services/runs/load-streams.ts';
import { createStaged, mapField, NAMESPACE } from './fixtures.ts';
import { useLoading } from './loading.ts';

describe('a mapping to a nested type', () => {
  const loading = useLoading();

  async function stage(rows: string): Promise<(loadId: number) => Promise<void>> {
    const { deps, connector } = loading;
    const at = await createStaged(deps.database.sql, connector, 'orders', {
      fields: 'id bigint, items jsonb, tags text[], note text',
      key: 'id',
    });
    return async (loadId) => {
      await deps.database.sql.unsafe(
        `insert into ${at} (id, items, tags, note) values ${rows}; update ${at} set _ivory_load_id = ${loadId}`,
      );
    };
  }

  async function map(fields: Record<string, string>, transforms: Record<string, string> = {}): Promise<void> {
    for (const [field, targetType] of Object.entries({ id: 'long', ...fields })) {
      await mapField(loading.deps, loading.connector, {
        sourceStream: 'orders',
        targetTable: loading.destination,
        sourceField: field,
        targetColumn: field,
        targetType,
        transformFn: transforms[field] ?? null,
        isKey: field === 'id',
      });
    }
  }

  async function load(fill: (loadId: number) => Promise<void>) {
    const input = await loading.run();
    await fill(input.loadId);
    const [stats] = await loadStreams(loading.ctx, input);
    const rejected = await loading.deps.database.sql`select column_name, error from etl.rejected_rows
      where run_id = ${input.runId} order by error`;
    return { stats, rejected: [...rejected] };
  }

  test('casts each value within by its own rule and rejects a row with the place of what does not fit', async () => {
    const fill = await stage(`
      (1, '[{"sku": "a", "price": 12345678901234567.89}, {"price": 1}]', array['x', null], null),
      (2, '[{"sku": "a", "price": 1}, {"sku": "b", "price": 0.125}]', '{}', null),
      (3, '[{"sku": "a", "colour": "red"}]', null, null),
      (4, '{"sku": "a"}', null, null),
      (5, 'null', null, null)`);
    await map({ items: 'array<struct<sku:string, price:decimal(20,2)>>', tags: 'list<string>' });
    const { stats, rejected } = await load(fill);
    expect(stats).toMatchObject({ read: 5, loaded: 2, rejected: 3 });
    expect(rejected).toEqual([
      { column_name: 'items', error: expect.stringMatching(/^items: .* it is not a list$/) },
      { column_name: 'items', error: expect.stringMatching(/^items\[0\]\.colour: "red" .* no such field$/) },
      {
        column_name: 'items',
        error: expect.stringMatching(/^items\[1\]\.price: 0\.125 .* more than 2 digits/),
      },
    ]);
    expect(await loading.lakeRows(loading.destination)).toEqual([
      [1n, '[{"sku":"a","price":12345678901234567.89},{"sku":null,"price":1.00}]', '["x",null]'],
      [5n, null, null],
    ]);
    const table = await loading.deps.lakehouse.describeTable(NAMESPACE, loading.destination);
    expect(table?.columns[1]?.type).toEqual({
      kind: 'list',
      element: {
        kind: 'struct',
        fields: [
          { name: 'sku', type: { kind: 'string' } },
          { name: 'price', type: { kind: 'decimal', precision: 20, scale: 2 } },
        ],
      },
    });
  });

  test('takes what an expression makes, and JSON in a text', async () => {
    const fill = await stage(`(1, '{"a": "7", "b": 8}', null, '{"k": [1, 2]}'), (2, null, null, '{"k": 1}')`);
    await map(
      { items: 'map<string,long>', note: 'struct<k:list<int>>' },
      { items: '{key: int(x) * 2 for key, x in v.items()} if v else None' },
    );
    const { rejected } = await load(fill);
    expect(rejected).toEqual([
      { column_name: 'note', error: expect.stringMatching(/^note\.k: 1 .* not a list$/) },
    ]);
    expect(await loading.lakeRows(loading.destination)).toEqual([[1n, '{"a":14,"b":16}', '{"k":[1,2]}']]);
  });

  test('that asks for more fields than the table has adds them; one that asks for others keeps the table', async () => {
    const fill = await stage(`(1, '{"a": 1}', null, null)`);
    await map({ items: 'struct<a:long>' });
    await load(fill);
    const { sql } = loading.deps.database;
    const setType = (type: string) => sql`update etl.field_mappings set target_type = ${type}
      where connector_id = ${loading.connector.id} and source_field = 'items'`;
    await setType('struct<a:long,b:string>');
    const again = await loading.run();
    await restage(again.loadId, '{"a": 2, "b": "x"}');
    expect(await loadStreams(loading.ctx, again)).toMatchObject([{ loaded: 1, rejected: 0 }]);
    await setType('struct<c:long>');
    const other = await loading.run();
    await restage(other.loadId, '{"c": 3}');
    expect(await loadStreams(loading.ctx, other)).toMatchObject([{ loaded: 0, rejected: 1 }]);
    expect(await loading.lakeRows(loading.destination)).toEqual([[1n, '{"a":2,"b":"x"}']]);
  });

  async function restage(loadId: number, items: string): Promise<void> {
    const { deps, connector } = loading;
    await deps.database.sql.unsafe(
      `update "${connector.stagingSchema}".orders set items = $1::text::jsonb, _ivory_load_id = $2`,
      [items, loadId],
    );
  }
});
