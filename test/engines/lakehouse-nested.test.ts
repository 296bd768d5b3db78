import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LakeType, type LakeValue, parseLakeType } from '../../src/domain/lake-type.ts';
import type { BatchSpec, Lakehouse } from '../../src/ports/lakehouse.ts';
import { EDGE_ROWS, EDGES } from '../harness/edge-values.ts';
import { HOSTILE_TEXTS, NESTED_CASES, parseNested, WIDE_STRUCT } from '../harness/nested-values.ts';
import {
  type SparkInstallation,
  type SparkPath,
  startSparkInstallation,
} from '../harness/spark-lakehouse.ts';
import { sparkIsInstalled } from '../harness/spark-server.ts';
import { loadRows, NAMESPACE, peopleBatch, TENANT } from '../int/lakehouse/contract.ts';

const PATHS: SparkPath[] = ['parquet', 'values'];

describe.skipIf(!sparkIsInstalled())('nested and awkward values in Spark', () => {
  let spark: SparkInstallation;
  const lakehouses = new Map<SparkPath, Lakehouse>();

  beforeAll(async () => {
    spark = await startSparkInstallation();
    for (const path of PATHS) lakehouses.set(path, spark.lakehouse(path));
    await lakehouseOf('parquet').provision(TENANT, NAMESPACE);
  });
  afterAll(() => spark?.close());

  function lakehouseOf(path: SparkPath): Lakehouse {
    const found = lakehouses.get(path);
    if (!found) throw new Error('the lakehouse has not been made');
    return found;
  }

  function specOf(types: readonly LakeType[], table?: string) {
    const columns = types.map((type, n) => ({ name: `value_${n}`, type }));
    return peopleBatch({
      columns: [{ name: 'id', type: { kind: 'long' } }, ...columns],
      ...(table === undefined ? {} : { table }),
    });
  }

  async function ask(statement: string): Promise<LakeValue[][]> {
    const limits = { maxRows: 1000, timeoutMs: 250_000 };
    return (await lakehouseOf('parquet').query(TENANT, NAMESPACE, statement, limits)).rows;
  }

  function readRows(table: string): Promise<LakeValue[][]> {
    return ask(`select * from ${table} order by id`);
  }

  describe.each(PATHS)('by %s', (path) => {
    test('every value comes back as it was written, and its type is described as it was given', async () => {
      const types = NESTED_CASES.map(({ type }) => parseLakeType(type));
      const spec: BatchSpec = { ...specOf(types), mode: 'append' };
      const count = Math.max(...NESTED_CASES.map(({ values }) => values.length));
      const rows = Array.from({ length: count }, (_, n): LakeValue[] => [
        BigInt(n),
        ...NESTED_CASES.map(({ values }) => values[n] ?? null),
      ]);
      await loadRows(lakehouseOf(path), spec, rows);
      const read = await readRows(spec.table);
      const expected = rows.map((_, n) => NESTED_CASES.map((nested) => nested.read[n] ?? null));
      expect(read.map(([, ...values]) => values.map(parseNested))).toEqual(expected);
      const table = await lakehouseOf(path).describeTable(NAMESPACE, spec.table);
      expect(table?.columns).toEqual(spec.columns);
    });

    test('scalars come back to the last digit, and their types as they were given', async () => {
      const spec: BatchSpec = { ...specOf(EDGES.map(({ type }) => type)), mode: 'append' };
      await loadRows(lakehouseOf(path), spec, EDGE_ROWS);
      expect(await readRows(spec.table)).toEqual(EDGE_ROWS);
      const table = await lakehouseOf(path).describeTable(NAMESPACE, spec.table);
      expect(table?.columns).toEqual(spec.columns);
    });

    test('bytes, doubles and JSON within nested values are exact', async () => {
      const spec = specOf(['list<binary>', 'list<double>', 'struct<a:json,b:string>'].map(parseLakeType));
      const doubles = [0.1, -0, 5e-324, 1.7976931348623157e308, Number.NaN, Infinity, -Infinity, null];
      const json = '{"b":1,"a":[9007199254740993,1.0],"b":2}';
      await loadRows(lakehouseOf(path), spec, [
        [1n, [Uint8Array.of(0, 39, 92, 255), new Uint8Array(), null], doubles, [json, "it's"]],
      ]);
      const [row] =
        await ask(`select hex(value_0[0]), length(value_0[1]), value_0[2], value_1[0], value_1[1], value_1[2],
        value_1[3], value_1[4], value_1[5], value_1[6], value_1[7], value_2.a, value_2.b from ${spec.table}`);
      expect(row).toEqual(['00275CFF', 0n, null, ...doubles, json, "it's"]);
    });

    test('no text breaks out of a nested value', async () => {
      const spec = specOf([parseLakeType('struct<list:list<string>,map:map<string,string>>')]);
      const keys = HOSTILE_TEXTS.map((text): LakeValue => [text, text]);
      await loadRows(lakehouseOf(path), spec, [[1n, [HOSTILE_TEXTS, keys]]]);
      const rows = await ask(
        `select t from ${spec.table} lateral view posexplode(value_0.list) as n, t order by n`,
      );
      expect(rows.flat()).toEqual(HOSTILE_TEXTS);
      const pairs = await ask(`select k, v from ${spec.table} lateral view explode(value_0.map) as k, v`);
      expect(pairs).toEqual(HOSTILE_TEXTS.map((text) => [text, text]));
    });

    test.each(['nul \0 inside', 'half \ud800 character'])('%j within one is refused', async (text) => {
      const spec = specOf([parseLakeType('map<string,list<string>>')]);
      await expect(loadRows(lakehouseOf(path), spec, [[1n, [['a', [text]]]]])).rejects.toMatchObject({
        code: 'lakehouse.value_refused',
      });
      expect(await readRows(spec.table)).toEqual([]);
    });

    test('a row that comes again is merged, nested values whole', async () => {
      const spec = specOf([
        parseLakeType('struct<n:long,tags:list<string>>'),
        parseLakeType('map<string,long>'),
      ]);
      await loadRows(lakehouseOf(path), spec, [
        [1n, [1n, ['a']], [['x', 1n]]],
        [2n, [2n, []], null],
      ]);
      await loadRows(lakehouseOf(path), { ...spec, batchId: specOf([]).batchId }, [
        [1n, null, []],
        [2n, [22n, null], [['y', null]]],
        [3n, [3n, [null]], null],
        [3n, [33n, ['last']], null],
      ]);
      const read = await readRows(spec.table);
      expect(read.map(([id, ...values]) => [id, ...values.map(parseNested)])).toEqual([
        [1n, null, {}],
        [2n, { n: '22', tags: null }, { y: null }],
        [3n, { n: '33', tags: ['last'] }, null],
      ]);
    });
  });

  test('a struct gets fields at its end, at any depth, and older rows read null there', async () => {
    const lakehouse = lakehouseOf('values');
    const before = specOf([parseLakeType('list<struct<a:long,m:map<string,struct<x:int>>>>')]);
    await loadRows(lakehouse, before, [[1n, [[1n, [['k', [7n]]]]]]]);
    const wider = 'list<struct<a:long,m:map<string,struct<x:int,y:uuid>>,c:json,`d d`:list<date>>>';
    const after = specOf([parseLakeType(wider)], before.table);
    await loadRows(lakehouse, after, [[2n, [[2n, [['k', [8n, null]]], '{"q":1}', ['2024-02-29']]]]]);
    expect((await lakehouse.describeTable(NAMESPACE, before.table))?.columns).toEqual(after.columns);
    const read = await readRows(before.table);
    expect(read.map(([, value]) => parseNested(value))).toEqual([
      [{ a: '1', m: { k: { x: '7', y: null } }, c: null, 'd d': null }],
      [{ a: '2', m: { k: { x: '8', y: null } }, c: '{"q":1}', 'd d': ['2024-02-29'] }],
    ]);
  });

  test.each(['struct<b:long>', 'struct<b:long,a:long>', 'struct<a:string>', 'list<long>', 'json'])(
    'a struct<a:long> does not become %s: it is refused by name',
    async (wanted) => {
      const lakehouse = lakehouseOf('parquet');
      const spec = specOf([parseLakeType('struct<a:long>')]);
      await lakehouse.ensureTable(spec);
      await expect(lakehouse.ensureTable(specOf([parseLakeType(wanted)], spec.table))).rejects.toMatchObject({
        code: 'lakehouse.type_conflict',
        errors: [{ field: 'value_0' }],
      });
    },
  );

  test('a struct with more fields than Spark prints is described whole', async () => {
    const spec = specOf([WIDE_STRUCT]);
    await lakehouseOf('parquet').ensureTable(spec);
    const table = await lakehouseOf('parquet').describeTable(NAMESPACE, spec.table);
    expect(table?.columns).toEqual(spec.columns);
  });
});
