import { expect, test } from 'vitest';
import type { LakeType, LakeValue } from '../../../src/domain/lake-type.ts';
import { loadRows, peopleBatch, readRows, type Subject } from './contract.ts';

const MAX = 2n ** 63n - 1n;

const VALUES: [LakeType, LakeValue[]][] = [
  [{ kind: 'boolean' }, [true, false, null]],
  [{ kind: 'int' }, [2147483647n, -2147483648n, null]],
  [{ kind: 'long' }, [MAX, -MAX - 1n, 9007199254740993n]],
  [{ kind: 'double' }, [0.1, -0, 5e-324, 1.7976931348623157e308, Number.NaN, Infinity, -Infinity]],
  [
    { kind: 'decimal', precision: 38, scale: 9 },
    ['12345678901234567890123456789.123456789', '-0.000000001', '1.000000000'],
  ],
  [{ kind: 'date' }, ['2024-02-29', '0001-01-01', '9999-12-31']],
  [{ kind: 'timestamp' }, ['2024-02-29T23:59:59.123456', '1969-12-31T00:00:00']],
  [{ kind: 'timestamptz' }, ['2024-02-29T23:59:59.123456Z', '1969-12-31T00:00:00Z']],
  [{ kind: 'uuid' }, ['2ed6657d-e927-568b-95e1-2665a8aea6a2']],
  [{ kind: 'json' }, ['{"b":1,"a":[9007199254740993,1.0,"x\\u0000"],"b":2}', 'null', '"\\\\"']],
];

const HOSTILE_TEXTS = [
  '',
  '\\.',
  '\\N',
  '\\',
  'a\tb\nc\r\nd',
  `'; drop table x; --`,
  '"quoted" \\"escaped\\"',
  'Zürich 東京 🙂 e\u0301 \u202e',
  '\u0001\u0008\u000b\u000c\u001f\u007f',
  'NULL',
  '{"a":1}',
  "'||(select 1)||'",
  "\\' || 1; --",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Spark would put a setting in its place
  '${spark.app.id} $$ `x` /* -- */',
  '\u2028\u2029\ufeff',
  'x'.repeat(1_000_000),
];

export function valuePromises(subject: Subject): void {
  test.each(VALUES)('%j values come back as they were written', async (type, values) => {
    const { lakehouse } = subject();
    const spec = peopleBatch({
      columns: [
        { name: 'id', type: { kind: 'long' } },
        { name: 'value', type },
      ],
    });
    await loadRows(
      lakehouse,
      spec,
      values.map((value, n) => [BigInt(n), value]),
    );
    expect((await readRows(lakehouse, spec.table)).map(([, value]) => value)).toEqual(values);
  });

  test('bytes come back as they were written', async () => {
    const { lakehouse } = subject();
    const spec = peopleBatch({
      columns: [
        { name: 'id', type: { kind: 'long' } },
        { name: 'value', type: { kind: 'binary' } },
      ],
    });
    const bytes = Uint8Array.from({ length: 256 }, (_, n) => n);
    await loadRows(lakehouse, spec, [
      [1n, bytes],
      [2n, new Uint8Array()],
    ]);
    const read = await readRows(lakehouse, spec.table);
    expect(read.map(([, value]) => value instanceof Uint8Array && [...value])).toEqual([[...bytes], []]);
  });

  test('no text breaks out of its value', async () => {
    const { lakehouse } = subject();
    const spec = peopleBatch();
    const rows = HOSTILE_TEXTS.map((text, n): LakeValue[] => [BigInt(n), text]);
    await loadRows(lakehouse, spec, rows);
    expect(await readRows(lakehouse, spec.table)).toEqual(rows);
  });

  test.each(['nul \0 inside', 'half \ud800 character'])('%j is refused, not changed', async (text) => {
    const spec = peopleBatch();
    await expect(loadRows(subject().lakehouse, spec, [[1n, text]])).rejects.toMatchObject({
      code: 'lakehouse.value_refused',
    });
    expect(await readRows(subject().lakehouse, spec.table)).toEqual([]);
  });

  test('a value the column cannot hold refuses the batch and leaves nothing behind', async () => {
    const { lakehouse } = subject();
    const spec = peopleBatch();
    const bad = loadRows(lakehouse, spec, [
      [1n, 'fine'],
      [2n ** 63n, 'beyond'],
    ]);
    await expect(bad).rejects.toMatchObject({ code: 'lakehouse.refused', retry: 'terminal' });
    expect(await readRows(lakehouse, spec.table)).toEqual([]);
  });
}
