import { describe, expect, test } from 'vitest';
import { copyField, copyFieldOf, textOfField } from '../../../src/domain/copy-text.ts';
import { formatLakeType, type LakeType, parseLakeType } from '../../../src/domain/lake-type.ts';
import type { ExpressionEngine, PyValue } from '../../../src/ports/expressions.ts';
import { createFieldTransformer } from '../../../src/transform/field-transformer.ts';
import { fieldFits } from '../../../src/transform/pass-through.ts';
import { createRowTransformer, type TransformColumn } from '../../../src/transform/row-transformer.ts';

/** What Postgres prints for values of each staged type. */
const STAGED: Record<string, string[]> = {
  smallint: ['0', '-32768'],
  integer: ['-2147483648', '7'],
  bigint: ['9007199254740993', '-9223372036854775808', '5'],
  real: ['0.1', '1e+30', 'NaN'],
  'double precision': ['-0', '0.30000000000000004', 'Infinity', '1e-07', '5'],
  numeric: ['18446744073709551615', '0.1', 'NaN', 'Infinity'],
  'numeric(10,2)': ['-12.50', '99999999.99', 'NaN'],
  'numeric(40,0)': ['1234567890123456789012345678901234567890'],
  boolean: ['true', 'false'],
  text: ['plain', '', 'a\tb\nc\\d\re', '42', 'true', '{"a": 1}', '2024-01-01', '\\N', 'ü 東'],
  date: ['2024-02-29', 'infinity', '-infinity', '0044-03-15 BC', '12024-01-01'],
  'timestamp without time zone': [
    '2024-05-01 10:00:00',
    '2024-05-01 10:00:00.5',
    'infinity',
    '0044-03-15 10:00:00 BC',
  ],
  'timestamp with time zone': ['2024-05-01 10:00:00.123456+00', '-infinity', '12024-01-01 00:00:00+00'],
  uuid: ['2ed6657d-e927-568b-95e1-2665a8aea6a2'],
  bytea: ['\\x00ff', '\\x'],
  jsonb: ['{"a": [1, 2.50]}', 'null', '"x\\ty"'],
  json: ['{"b":1,  "a":2}'],
  'time without time zone': ['10:00:00'],
};
const TARGETS = [
  'string',
  'boolean',
  'int',
  'long',
  'double',
  'date',
  'timestamp',
  'timestamptz',
  'binary',
  'uuid',
  'json',
  'decimal(38,9)',
  'decimal(12,2)',
].map(parseLakeType);

describe('a field transformer', () => {
  test.each(Object.keys(STAGED))(
    '%s: a field that is passed on says what the cast would have said',
    async (stagingType) => {
      for (const targetType of TARGETS)
        await expectSame({ stagingType, targetType }, STAGED[stagingType] ?? []);
    },
  );

  test('most of what a source sends is passed on as it stands', () => {
    const natural: [string, LakeType['kind']][] = [
      ['bigint', 'long'],
      ['text', 'string'],
      ['boolean', 'boolean'],
      ['double precision', 'double'],
      ['timestamp without time zone', 'timestamp'],
      ['timestamp with time zone', 'timestamptz'],
      ['jsonb', 'json'],
    ];
    for (const [staged, kind] of natural)
      expect(fieldFits(staged, parseLakeType(kind)), staged).not.toBeNull();
    expect(fieldFits('numeric(10,2)', parseLakeType('decimal(10,2)'))).not.toBeNull();
    expect(fieldFits('numeric(10,2)', parseLakeType('decimal(10,1)'))).toBeNull();
    expect(fieldFits('bigint', parseLakeType('int'))).toBeNull();
  });

  test('an expression sees each different value once, and every row gets its answer', async () => {
    const asked: PyValue[] = [];
    const { transform } = createFieldTransformer({
      columns: [column({ stagingType: 'bigint', targetType: parseLakeType('long'), transformFn: 'v * 2' })],
      engine: engineOf((value) => {
        asked.push(value);
        if (value === 3n) throw new Error('not three');
        return typeof value === 'bigint' ? value * 2n : null;
      }),
    });
    const first = await transform([['1'], ['2'], ['1'], ['3'], ['\\N'], ['3']]);
    expect(first.rows).toEqual([
      { index: 0, values: ['2'] },
      { index: 1, values: ['4'] },
      { index: 2, values: ['2'] },
      { index: 4, values: ['\\N'] },
    ]);
    expect(first.rejected.map(({ index, error }) => [index, error])).toEqual([
      [3, 'not three'],
      [5, 'not three'],
    ]);
    expect((await transform([['2'], ['1']])).rows.map(({ values }) => values)).toEqual([['4'], ['2']]);
    expect(asked).toEqual([1n, 2n, 3n, null]);
  });

  test('a result that is no text for Postgres is rejected alone', async () => {
    const { transform } = createFieldTransformer({
      columns: [column({ stagingType: 'text', targetType: parseLakeType('string'), transformFn: 'f(v)' })],
      engine: engineOf((value) => (value === 'half' ? '\ud800' : value)),
    });
    const { rows, rejected } = await transform([['half'], ['whole']]);
    expect(rows).toEqual([{ index: 1, values: ['whole'] }]);
    expect(rejected).toHaveLength(1);
  });
});

async function expectSame(change: Partial<TransformColumn>, texts: readonly string[]): Promise<void> {
  const columns = [column(change)];
  const rows = [...texts, null].map((text) => [text]);
  const byValue = await createRowTransformer({ columns, engine: engineOf((v) => v) }).transform(rows);
  const byField = await createFieldTransformer({ columns, engine: engineOf((v) => v) }).transform(
    rows.map((row) => row.map(copyField)),
  );
  const label = `${change.stagingType} to ${formatLakeType(columns[0]?.targetType ?? { kind: 'string' })}`;
  expect(byField.rejected, label).toEqual(byValue.rejected);
  const said = byValue.rows.map(({ index, values }) => [
    index,
    ...values.map((value) =>
      meaning(textOfField(copyFieldOf(value, columns[0]?.targetType ?? { kind: 'string' }))),
    ),
  ]);
  expect(
    byField.rows.map(({ index, values }) => [index, ...values.map((field) => meaning(textOfField(field)))]),
    label,
  ).toEqual(said);
}

/** Postgres reads both the same: `2024-05-01 10:00:00.5+00` and `2024-05-01T10:00:00.500000Z`, `t` and `true`, `5` and `5.00`. */
function meaning(text: string | null): unknown {
  if (text === null) return null;
  if (text === 't' || text === 'f') return text === 't';
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^-?\d+(?:\.\d*?)?0*$/.test(text)) return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  if (/^-?\d.*e[+-]\d+$/.test(text)) return Number(text);
  const moment = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:\+00|Z)?$/.exec(text);
  return moment ? [moment[1], moment[2], (moment[3] ?? '').padEnd(6, '0')] : text;
}

function column(change: Partial<TransformColumn>): TransformColumn {
  return {
    sourceColumn: 'a',
    stagingType: 'text',
    targetColumn: 'A',
    targetType: { kind: 'string' },
    transformFn: null,
    ...change,
  };
}

function engineOf(evaluate: (value: PyValue) => PyValue): ExpressionEngine {
  return {
    check() {},
    evaluate: async (_, values) =>
      values.map((value) => {
        try {
          return { ok: true, value: evaluate(value) };
        } catch (error) {
          return { ok: false, error: error instanceof Error ? error.message : String(error) };
        }
      }),
    close: async () => {},
  };
}
