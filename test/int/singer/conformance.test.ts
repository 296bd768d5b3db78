import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Pool, Sql } from '../../../src/db/client.ts';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';
import { columnsOf, fixture, loadLines, primaryKeyOf } from './load-lines.ts';

const METADATA = {
  _sdc_extracted_at: 'timestamp without time zone',
  _sdc_received_at: 'timestamp without time zone',
  _sdc_batched_at: 'timestamp without time zone',
  _sdc_deleted_at: 'timestamp without time zone',
  _sdc_sequence: 'bigint',
  _sdc_table_version: 'bigint',
  _sdc_sync_started_at: 'bigint',
};

let test: TestDatabase;
let sql: Sql;
let pool: Pool;
beforeAll(async () => {
  test = await createTestDatabase();
  ({ sql, pool } = test.database);
});
beforeEach(() => sql`drop schema if exists staging cascade`);
afterAll(() => test.close());

async function load(name: string) {
  return loadLines(pool, await fixture(name));
}

describe('the Singer SDK target cases', () => {
  it('array_data', async () => {
    await load('array_data');
    expect(await columnsOf(sql, 'parts')).toEqual({
      id: 'bigint',
      tags: 'text[]',
      sizes: 'numeric[]',
      any: 'jsonb',
      ...METADATA,
    });
    const rows = await sql`select tags, sizes, "any"::text from staging.parts order by id`;
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { tags: ['bolt', 'nut'], sizes: ['1.5', '2'], any: '[1, "x"]' },
      { tags: ['a,b', 'q"uote', 'back\\slash', '{}', 'NULL', ''], sizes: [], any: '[]' },
      { tags: ['one'], sizes: null, any: null },
    ]);
  });

  it('camelcase', async () => {
    await load('camelcase');
    expect(await columnsOf(sql, 'OrderLines')).toEqual({ Id: 'text', unitPrice: 'numeric', ...METADATA });
    expect(await primaryKeyOf(sql, 'OrderLines')).toEqual(['Id']);
    expect(await sql`select "unitPrice" from staging."OrderLines" order by "Id"`).toMatchObject([
      { unitPrice: '9.5' },
      { unitPrice: '3' },
    ]);
  });

  it('camelcase_complex_schema: an instant with an offset is stored in UTC', async () => {
    await load('camelcase_complex_schema');
    expect(await columnsOf(sql, 'ForecastCategory')).toMatchObject({
      CreatedDate: METADATA._sdc_deleted_at,
      age: 'bigint',
      _leading: 'text',
    });
    const [row] =
      await sql`select "CreatedDate"::text as created, "IsDeleted", age::int from staging."ForecastCategory"`;
    expect(row).toEqual({ created: '2024-05-06 05:08:09.123456', IsDeleted: false, age: 2 });
  });

  it('duplicate_records: the last of a key wins', async () => {
    const { rows } = await load('duplicate_records');
    expect(rows).toBe(5);
    expect(await sql`select id::int, value::int from staging.meters order by id`).toMatchObject([
      { id: 1, value: 100 },
      { id: 2, value: 20 },
    ]);
  });

  it('encoded_string_data: every text survives in text, jsonb and arrays, NUL as U+FFFD', async () => {
    await load('encoded_string_data');
    const expected = [
      'plain',
      'ελληνικά',
      '简体字',
      'français',
      'a "quoted" word',
      '" \\ / \n \t escapes',
      'm',
      'ā',
      'literal \\u0000 and \\N',
      'nul \ufffd and \u0001',
      '\\N',
      '😀',
    ];
    const texts = await sql`select info from staging.texts order by id`;
    const objects = await sql`select info->>'value' as info from staging.objects order by id`;
    const [list] = await sql`select strings from staging.lists`;
    expect(texts.map((row) => row['info'])).toEqual(expected);
    expect(objects.map((row) => row['info'])).toEqual(expected);
    expect(list?.['strings']).toEqual(expected);
  });

  it('invalid_schema is refused', async () => {
    await expect(load('invalid_schema')).rejects.toMatchObject({
      code: 'singer.invalid_schema',
      message: expect.stringContaining('Line 1 of stream "broken"'),
    });
  });

  it('multiple_state_messages: with one row a batch each state comes after its rows and before the next', async () => {
    const states: unknown[] = [];
    const text = await fixture('multiple_state_messages');
    const hooks = { onState: (state: string) => void states.push(JSON.parse(state)) };
    const result = await loadLines(pool, text, { settings: { batchSizeRows: 1 }, hooks });
    expect(states.at(-1)).toEqual({ readings_a: 5, readings_b: 6 });
    expect(JSON.parse(result.state ?? 'null')).toEqual({ readings_a: 5, readings_b: 6 });
    expect(result.streams).toMatchObject({ readings_a: { rows: 6 }, readings_b: { rows: 6 } });
    expect(states.length).toBeGreaterThan(2);
  });

  it('no_primary_keys: rows are appended, also equal ones', async () => {
    await load('no_primary_keys');
    await load('no_primary_keys');
    expect(await sql`select count(*)::int as n from staging.events`).toMatchObject([{ n: 8 }]);
    expect(await primaryKeyOf(sql, 'events')).toEqual([]);
  });

  it('optional_attributes', async () => {
    await load('optional_attributes');
    const rows = await sql`select note from staging.notes order by id`;
    expect(rows.map((row) => row['note'])).toEqual(['here', null, 'again', null]);
  });

  it('record_before_schema is refused', async () => {
    await expect(load('record_before_schema')).rejects.toMatchObject({ code: 'singer.record_before_schema' });
  });

  it('record_missing_key_property is refused', async () => {
    await expect(load('record_missing_key_property')).rejects.toMatchObject({
      code: 'singer.record_missing_key',
      message: expect.stringContaining('Line 2 of stream "keyed"'),
    });
  });

  it('record_missing_required_property is refused', async () => {
    await expect(load('record_missing_required_property')).rejects.toMatchObject({
      code: 'singer.record_invalid',
    });
  });

  it('schema_no_properties', async () => {
    await load('schema_no_properties');
    expect(await sql`select store->>'v' as v from staging.with_properties`).toMatchObject([{ v: '187' }]);
    expect(await sql`select store->>'v' as v from staging.without_properties`).toMatchObject([{ v: '203' }]);
  });

  it('schema_updates', async () => {
    await load('schema_updates');
    expect(await columnsOf(sql, 'changing')).toEqual({
      id: 'bigint',
      a1: 'numeric',
      a2: 'text',
      ...METADATA,
      a3: 'boolean',
      a4: 'jsonb',
      a5: 'text[]',
      a6: 'bigint',
    });
    const rows = await sql`select a3, a5, a6::int from staging.changing order by id`;
    expect(rows.map((row) => Object.values(row))).toEqual([
      [null, null, null],
      [true, null, null],
      [false, ['x', 'y'], null],
      [true, ['z'], 985],
    ]);
  });

  it('pk_updates: the key moves and rows merge by the new one', async () => {
    await load('pk_updates');
    expect(await primaryKeyOf(sql, 'people')).toEqual(['email']);
    expect(await sql`select id::int, name, email from staging.people order by id`).toMatchObject([
      { id: 2, name: 'Bob' },
      { id: 3, name: 'Alice B', email: 'alice@example.com' },
    ]);
  });

  it('special_chars_in_attributes', async () => {
    await load('special_chars_in_attributes');
    const [row] =
      await sql`select "Cost Total $" as cost, "q""uote" as q, d->>'agent:type' as agent, _sdc_table_version::text as version,
      _sdc_extracted_at::text as extracted from staging."odd:Name!of?stream"`;
    expect(row).toEqual({
      cost: '1.5',
      q: 'x',
      agent: 'desktop',
      version: '1541199424491',
      extracted: '2018-11-02 22:57:04.84102',
    });
  });

  it('record_missing_fields', async () => {
    await load('record_missing_fields');
    const rows = await sql`select note from staging.sparse order by id`;
    expect(rows.map((row) => row['note'])).toEqual(['now you see me', null]);
  });
});
