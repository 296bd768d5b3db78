import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPostgresLakehouse } from '../../../src/adapters/lakehouse/postgres.ts';
import { type LakeType, type LakeValue, parseLakeType } from '../../../src/domain/lake-type.ts';
import type { Lakehouse } from '../../../src/ports/lakehouse.ts';
import { createTestDatabase } from '../../harness/database.ts';
import { EDGE_ROWS, EDGES } from '../../harness/edge-values.ts';
import { HOSTILE_TEXTS, NESTED_CASES, parseNested, WIDE_STRUCT } from '../../harness/nested-values.ts';
import { loadRows, NAMESPACE, peopleBatch, readRows, TENANT } from './contract.ts';

let made: { lakehouse: Lakehouse; close(): Promise<void> } | null = null;

beforeAll(async () => {
  const { url, close } = await createTestDatabase();
  const lakehouse = createPostgresLakehouse({ url });
  made = { lakehouse, close };
  await lakehouse.provision(TENANT, NAMESPACE);
});
afterAll(async () => {
  await made?.lakehouse.close();
  await made?.close();
});

function lakehouseOf(): Lakehouse {
  if (!made) throw new Error('the lakehouse has not been made');
  return made.lakehouse;
}

function specOf(types: readonly LakeType[], changes: { table?: string; mode?: 'append' } = {}) {
  const columns = types.map((type, n) => ({ name: `value "${n}"`, type }));
  return peopleBatch({ columns: [{ name: 'id', type: { kind: 'long' } }, ...columns], ...changes });
}

test.each(['append', 'upsert'] as const)(
  'nested values come back as they were written (%s)',
  async (mode) => {
    const spec = specOf(
      NESTED_CASES.map(({ type }) => parseLakeType(type)),
      mode === 'append' ? { mode } : {},
    );
    const count = Math.max(...NESTED_CASES.map(({ values }) => values.length));
    const rows = Array.from({ length: count }, (_, n): LakeValue[] => [
      BigInt(n),
      ...NESTED_CASES.map(({ values }) => values[n] ?? null),
    ]);
    await loadRows(lakehouseOf(), spec, rows);
    const read = await readRows(lakehouseOf(), spec.table);
    const expected = rows.map((_, n) => NESTED_CASES.map((nested) => nested.read[n] ?? null));
    expect(read.map(([, ...values]) => values.map(parseNested))).toEqual(expected);
    expect((await lakehouseOf().describeTable(NAMESPACE, spec.table))?.columns).toEqual(spec.columns);
  },
);

test('scalars come back to the last digit, and their types as they were given', async () => {
  const spec = specOf(EDGES.map(({ type }) => type));
  await loadRows(lakehouseOf(), spec, EDGE_ROWS);
  expect(await readRows(lakehouseOf(), spec.table)).toEqual(EDGE_ROWS);
  expect((await lakehouseOf().describeTable(NAMESPACE, spec.table))?.columns).toEqual(spec.columns);
});

test('bytes, doubles and JSON within nested values keep all they say', async () => {
  const type = 'struct<b:list<binary>,d:list<double>,j:json>';
  const spec = specOf([parseLakeType(type)]);
  const doubles = [0.1, -0, 5e-324, 1.7976931348623157e308, Number.NaN, Infinity, null];
  const json = '{"b":1e999999,"a":[9007199254740993,1.0,"\\ud800"],"b":2}';
  await loadRows(lakehouseOf(), spec, [
    [1n, [[Uint8Array.of(0, 39, 92, 255), new Uint8Array()], doubles, json]],
  ]);
  const [row] = await readRows(lakehouseOf(), spec.table);
  expect(row?.[1]).toBe(
    `{"b":["\\\\x00275cff","\\\\x"],"d":[0.1,-0.0,5e-324,1.7976931348623157e+308,"NaN","Infinity",null],"j":${json}}`,
  );
});

test('no text breaks out of a nested value', async () => {
  const spec = specOf([parseLakeType('map<string,list<string>>')]);
  const value = HOSTILE_TEXTS.map((text): LakeValue => [text, [text]]);
  await loadRows(lakehouseOf(), spec, [[1n, value]]);
  const [row] = await readRows(lakehouseOf(), spec.table);
  expect(parseNested(row?.[1])).toEqual(Object.fromEntries(HOSTILE_TEXTS.map((text) => [text, [text]])));
});

test.each(['nul \0 inside', 'half \ud800 character'])('%j within one is refused', async (text) => {
  const spec = specOf([parseLakeType('map<string,list<string>>')]);
  await expect(loadRows(lakehouseOf(), spec, [[1n, [['a', [text]]]]])).rejects.toMatchObject({
    code: 'lakehouse.value_refused',
  });
});

test('a struct gets fields at its end, at any depth, and describes them from then on', async () => {
  const before = specOf([parseLakeType('list<struct<a:long>>')]);
  await loadRows(lakehouseOf(), before, [[1n, [[1n]]]]);
  const after = specOf([parseLakeType('list<struct<a:long,`it s`:map<string,json>>>')], {
    table: before.table,
  });
  await loadRows(lakehouseOf(), after, [[2n, [[2n, [['k', '[1]']]]]]]);
  expect((await lakehouseOf().describeTable(NAMESPACE, before.table))?.columns).toEqual(after.columns);
  const read = await readRows(lakehouseOf(), before.table);
  expect(read.map(([, value]) => value)).toEqual(['[{"a":1}]', '[{"a":2,"it s":{"k":[1]}}]']);
});

test('a nested column added to a table is described as it was given', async () => {
  const before = specOf([]);
  await lakehouseOf().ensureTable(before);
  const after = specOf([WIDE_STRUCT, { kind: 'json' }], { table: before.table });
  await lakehouseOf().ensureTable(after);
  expect((await lakehouseOf().describeTable(NAMESPACE, before.table))?.columns).toEqual(after.columns);
});

test.each(['struct<b:long>', 'struct<b:long,a:long>', 'struct<a:string>', 'list<long>', 'json'])(
  'a struct<a:long> does not become %s: it is refused by name',
  async (wanted) => {
    const spec = specOf([parseLakeType('struct<a:long>')]);
    await lakehouseOf().ensureTable(spec);
    const other = specOf([parseLakeType(wanted)], { table: spec.table });
    await expect(lakehouseOf().ensureTable(other)).rejects.toMatchObject({
      code: 'lakehouse.type_conflict',
      errors: [{ field: 'value "0"' }],
    });
  },
);
