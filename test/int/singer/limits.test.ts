import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Pool, Sql } from '../../../src/db/client.ts';
import type { RefusedRecord } from '../../../src/domain/refused-record.ts';
import { InvalidError } from '../../../src/errors.ts';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';
import { loadLines, recordMessage as record, schemaMessage as schema } from './load-lines.ts';

let test: TestDatabase;
let sql: Sql;
let pool: Pool;
beforeAll(async () => {
  test = await createTestDatabase();
  ({ sql, pool } = test.database);
});
beforeEach(() => sql`drop schema if exists staging cascade`);
afterAll(() => test.close());

const ID = { id: { type: 'integer' } };
const TEXT = { type: 'string' };

function fields(count: number, prefix = 'c'): Record<string, object> {
  return Object.fromEntries(Array.from({ length: count }, (_each, n) => [`${prefix}${n}`, TEXT]));
}

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

async function failureOf(input: object[] | string): Promise<InvalidError> {
  const failure: unknown = await loadLines(pool, input).then(
    () => null,
    (error: unknown) => error,
  );
  if (failure instanceof InvalidError) return failure;
  throw failure;
}

describe('what Postgres has no room for is an error of the input, with its line', () => {
  it.each<[string, object[], string, string]>([
    [
      'a schema of 1,700 properties',
      [schema('wide', fields(1700))],
      'singer.schema_too_wide',
      'Line 1 of stream "wide"',
    ],
    [
      '33 key properties',
      [schema('wide', fields(33), Object.keys(fields(33)))],
      'singer.schema_too_wide',
      'Line 1 of stream "wide"',
    ],
    [
      'columns beyond the last one that come later',
      [schema('wide', fields(1500)), record('wide', { c1: 'x' }), schema('wide', fields(200, 'd'))],
      'singer.schema_too_wide',
      'Line 3 of stream "wide"',
    ],
    [
      'a precision no numeric has',
      [schema('odd', { n: { type: 'string', format: 'x-singer.decimal', precision: 5000 } })],
      'singer.schema_refused',
      'Line 1 of stream "odd"',
    ],
  ])('%s', async (_what, messages, code, place) => {
    const failure = await failureOf(messages);
    expect(failure).toMatchObject({ code, retry: 'terminal' });
    expect(failure.message).toContain(place);
  });

  it('a table that a view stands in the way of', async () => {
    await loadLines(pool, [schema('seen', ID)]);
    await sql`create view staging.looks as select id from staging.seen`;
    const failure = await failureOf([schema('seen', { id: TEXT })]);
    expect(failure).toMatchObject({ code: 'singer.schema_refused' });
    expect(failure.message).toContain('Line 1 of stream "seen"');
  });
});

describe('a row too big for a page', () => {
  const numbers = Array.from({ length: 1100 }, (_each, n) => `n${n}`);
  const head = (keys: string[]) =>
    schema('big', { ...ID, ...Object.fromEntries(numbers.map((name) => [name, ID.id])) }, keys);
  const big = Object.fromEntries(numbers.map((name) => [name, 7]));
  const rows = [1, 2, 3, 4, 5].map((id) => record('big', { id, ...((id === 2 || id === 4) && big) }));

  it.each([
    ['with keys', ['id']],
    ['without keys', []],
  ])('costs itself alone, %s', async (_what, keys) => {
    const refused: RefusedRecord[] = [];
    const load = () =>
      loadLines(pool, [head(keys), ...rows], { hooks: { onRejected: (each) => refused.push(each) } });
    expect(await load()).toMatchObject({ rows: 3, rejected: 2 });
    expect(refused.map(({ line }) => line)).toEqual([3, 5]);
    expect(refused[0]).toMatchObject({ stream: 'big', code: 'singer.value_refused' });
    expect(refused[0]?.values()).toMatchObject({ id: '2', n0: '7' });
    expect(await sql`select id::int from staging.big order by id`).toEqual([{ id: 1 }, { id: 3 }, { id: 5 }]);
  });

  it('fails a load that takes all or nothing, and is named by its own line', async () => {
    const failure = await failureOf([head(['id']), ...rows]);
    expect(failure).toMatchObject({ code: 'singer.value_refused' });
    expect(failure.message).toContain('Line 3 of stream "big"');
  });
});

describe('what is nested beyond reading', () => {
  const deep = nested(100_000);
  it.each<[string, string, string]>([
    ['a state', `{"type":"STATE","value":${deep}}`, 'Line 2:'],
    [
      'a state with a number as it was written',
      `{"type":"STATE","value":[1.10,${deep},"\u0080"]}`,
      'Line 2:',
    ],
    [
      'a long state',
      `{"type":"STATE","value":{"pad":"${'x'.repeat(2_000_000)}","deep":${nested(700_000)}}}`,
      'Line 2:',
    ],
    [
      'a schema',
      `{"type":"SCHEMA","stream":"s","key_properties":[],"schema":{"properties":{"a":{"enum":${deep}}}}}`,
      'Line 2 of stream "s":',
    ],
    [
      'a record that has to be read twice',
      `{"type":"RECORD","stream":"s","record":{"id":1,"doc":[${deep},"\u0080"]}}`,
      'Line 2 of stream "s":',
    ],
  ])('%s is an error of the input', async (_what, line, place) => {
    const failure = await failureOf(`${JSON.stringify(schema('s', ID))}\n${line}\n`);
    expect(failure).toMatchObject({ code: 'singer.too_deep', retry: 'terminal' });
    expect(failure.message).toContain(place);
  });

  it('brackets in texts are not nesting', async () => {
    const value = { text: `${'['.repeat(5000)}\\"${'{'.repeat(5000)}` };
    expect(await loadLines(pool, [{ type: 'STATE', value }])).toMatchObject({ state: JSON.stringify(value) });
  });
});
