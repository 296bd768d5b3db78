import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { expect, test } from 'vitest';
import { createParquetFile } from '../../../../src/adapters/lakehouse/stage/parquet/parquet-file.ts';
import { type LakeType, type LakeValue, parseLakeType } from '../../../../src/domain/lake-type.ts';
import { anyType, valueFor } from '../../../harness/any-nested-value.ts';

async function written(types: readonly LakeType[], batches: readonly LakeValue[][][]): Promise<unknown[][]> {
  const parts: Buffer[] = [];
  const file = createParquetFile(types, async (bytes) => {
    parts.push(Buffer.from(bytes));
  });
  for (const batch of batches) await file.append(batch);
  await file.finish();
  const bytes = Uint8Array.from(Buffer.concat(parts));
  const rows = await parquetReadObjects({ file: bytes.buffer, compressors });
  return rows.map((row) => types.map((_, n) => present(row[`c${n}`])));
}

/** The reader says undefined of a group that is null. */
function present(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(present);
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, present(item)]));
}

/** A value as hyparquet reads it: fields of structs by their places, maps as objects. */
function asRead(value: LakeValue, type: LakeType): unknown {
  if (!Array.isArray(value)) return value;
  const items: readonly LakeValue[] = value;
  if (type.kind === 'list') return items.map((item) => asRead(item, type.element));
  if (type.kind === 'map') {
    const pairs = items.map((pair): [string, unknown] => {
      const [key, item]: readonly LakeValue[] = Array.isArray(pair) ? pair : [];
      return [String(key), asRead(item ?? null, type.value)];
    });
    return Object.fromEntries(pairs);
  }
  if (type.kind !== 'struct') return value;
  return Object.fromEntries(type.fields.map((field, n) => [`f${n}`, asRead(items[n] ?? null, field.type)]));
}

const anyFile = fc.array(anyType, { minLength: 1, maxLength: 3 }).chain((types) =>
  fc.record({
    types: fc.constant(types),
    batches: fc.array(fc.array(fc.tuple(...types.map(valueFor)), { maxLength: 12 }), { maxLength: 3 }),
  }),
);

test('values of any nested types, in any batches, are read by another reader as they were written', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(anyFile, async ({ types, batches }) => {
      const rows = batches.flat();
      const expected = rows.map((row) =>
        row.map((value, n) => asRead(value, types[n] ?? { kind: 'string' })),
      );
      expect(await written(types, batches)).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

test.each<[string, LakeValue[]]>([
  ['list<long>', [null, [], [null], [1n, null, 2n], [null, null]]],
  ['list<list<long>>', [null, [], [null], [[]], [[null]], [[1n], [], null, [2n, 3n]]]],
  ['struct<a:long>', [null, [null], [1n]]],
  [
    'struct<a:struct<b:list<long>>,c:string>',
    [null, [null, null], [[null], 'x'], [[[]], null], [[[1n]], 'y']],
  ],
  [
    'map<string,long>',
    [
      null,
      [],
      [['a', null]],
      [
        ['a', 1n],
        ['', 2n],
      ],
    ],
  ],
  [
    'map<string,list<struct<a:boolean>>>',
    [null, [['k', null]], [['k', []]], [['k', [null, [null], [true]]]]],
  ],
])('%s: null, empty and null within are three things', async (name, values) => {
  const type = parseLakeType(name);
  const read = await written([type], [values.map((value) => [value])]);
  expect(read).toEqual(values.map((value) => [asRead(value, type)]));
});

test('lists longer than a page, and more rows than one, are read whole', { timeout: 120_000 }, async () => {
  const type = parseLakeType('list<struct<n:long,t:string>>');
  const long: LakeValue = Array.from({ length: 100_000 }, (_, n) => [
    BigInt(n),
    n % 7 === 0 ? null : `text ${n}`,
  ]);
  const rows = [
    [long],
    ...Array.from({ length: 40_000 }, (_, n): LakeValue[] => [n % 3 === 0 ? [] : [[BigInt(n), null]]]),
    [long],
  ];
  const read = await written([type], [rows]);
  expect(read.length).toBe(rows.length);
  const wrong = read.findIndex((row, n) => {
    const said = JSON.stringify(row[0], printed);
    return said !== JSON.stringify(asRead(rows[n]?.[0] ?? null, type), printed);
  });
  expect(wrong).toBe(-1);
});

function printed(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

test.each<[string, LakeValue]>([
  ['list<long>', 'x'],
  ['list<long>', ['x']],
  ['struct<a:long,b:long>', [1n]],
  ['map<string,long>', [[null, 1n]]],
  ['map<string,long>', [null]],
  ['map<string,long>', [['a']]],
  ['list<decimal(4,2)>', ['100.00']],
])('what %s cannot hold is refused', async (name, value) => {
  await expect(written([parseLakeType(name)], [[[value]]])).rejects.toMatchObject({
    code: 'lakehouse.refused',
  });
});

test.each(['nul \0 inside', 'half \ud800 character'])('%j within a nested value is refused', async (bad) => {
  await expect(written([parseLakeType('list<string>')], [[[[bad]]]])).rejects.toMatchObject({
    code: 'lakehouse.value_refused',
  });
});
