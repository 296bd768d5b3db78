import type { LakeType, LakeValue } from '../../src/domain/lake-type.ts';
import type { LakeColumn } from '../../src/ports/lakehouse.ts';

interface StagedColumn {
  type: LakeType;
  /** As Spark names the type it reads. */
  spark: string;
  /** A value as it is staged, and as Spark's client gives it where that differs. */
  values: readonly (readonly [staged: LakeValue, read?: unknown])[];
}

const MAX = 2n ** 63n - 1n;
const DIGITS_38 = '99999999999999999999999999999.999999999';

/** Values at the ends of every type. */
const COLUMNS: readonly StagedColumn[] = [
  { type: { kind: 'boolean' }, spark: 'boolean', values: [[true], [false]] },
  {
    type: { kind: 'int' },
    spark: 'int',
    values: [
      [2147483647n, 2147483647],
      [-2147483648n, -2147483648],
      [0n, 0],
    ],
  },
  { type: { kind: 'long' }, spark: 'bigint', values: [[MAX], [-MAX - 1n], [9007199254740993n], [0n]] },
  {
    type: { kind: 'double' },
    spark: 'double',
    values: [[0.1], [-0], [5e-324], [1.7976931348623157e308], [Number.NaN], [Infinity], [-Infinity]],
  },
  {
    type: { kind: 'decimal', precision: 38, scale: 9 },
    spark: 'decimal(38,9)',
    values: [[DIGITS_38], [`-${DIGITS_38}`], ['-0.000000001'], ['1', '1.000000000'], ['0.000000000']],
  },
  {
    type: { kind: 'decimal', precision: 38, scale: 0 },
    spark: 'decimal(38,0)',
    values: [['9'.repeat(38)], [`-${'9'.repeat(38)}`], ['-1']],
  },
  {
    type: { kind: 'decimal', precision: 19, scale: 19 },
    spark: 'decimal(19,19)',
    values: [[`0.${'9'.repeat(19)}`], [`-0.${'9'.repeat(19)}`]],
  },
  {
    type: { kind: 'decimal', precision: 18, scale: 4 },
    spark: 'decimal(18,4)',
    values: [['99999999999999.9999'], ['-99999999999999.9999'], ['-0.0001']],
  },
  {
    type: { kind: 'decimal', precision: 15, scale: 2 },
    spark: 'decimal(15,2)',
    values: [['9999999999999.99'], ['-9999999999999.99'], ['-42949672.96'], ['-0.01']],
  },
  {
    type: { kind: 'decimal', precision: 9, scale: 2 },
    spark: 'decimal(9,2)',
    values: [['9999999.99'], ['-9999999.99'], ['-0.01']],
  },
  {
    type: { kind: 'string' },
    spark: 'string',
    values: [
      [''],
      ['Zürich 東京 🙂 e\u0301'],
      [`'"\\\n\t\u0001`],
      ['NULL'],
      ['x'.repeat(200_000)],
      ['é'.repeat(30)],
    ],
  },
  {
    type: { kind: 'json' },
    spark: 'string',
    values: [['{"b":1,"a":[9007199254740993,1.0],"b":2}'], ['null']],
  },
  { type: { kind: 'uuid' }, spark: 'string', values: [['2ed6657d-e927-568b-95e1-2665a8aea6a2']] },
  {
    type: { kind: 'binary' },
    spark: 'binary',
    values: [[Buffer.from(Uint8Array.from({ length: 256 }, (_, n) => n))], [Buffer.alloc(0)]],
  },
  {
    type: { kind: 'date' },
    spark: 'date',
    values: [
      ['0001-01-01'],
      ['1500-02-28'],
      ['1582-10-04'],
      ['1582-10-10'],
      ['1582-10-15'],
      ['1969-12-31'],
      ['9999-12-31'],
    ],
  },
  {
    type: { kind: 'timestamp' },
    spark: 'timestamp_ntz',
    values: [
      ['0001-01-01T00:00:00', '0001-01-01 00:00:00'],
      ['1582-10-10T12:00:00.5', '1582-10-10 12:00:00.5'],
      ['1969-12-31T23:59:59.999999', '1969-12-31 23:59:59.999999'],
      ['2255-06-05T23:47:34.740993', '2255-06-05 23:47:34.740993'],
      ['9999-12-31T23:59:59.999999', '9999-12-31 23:59:59.999999'],
    ],
  },
  {
    type: { kind: 'timestamptz' },
    spark: 'timestamp',
    values: [
      ['0001-01-01T00:00:00Z', '0001-01-01 00:00:00'],
      ['1582-10-10T12:00:00Z', '1582-10-10 12:00:00'],
      ['1883-01-01T00:00:00.000001Z', '1883-01-01 00:00:00.000001'],
      ['2024-02-29T03:04:05.123456Z', '2024-02-29 03:04:05.123456'],
      ['9999-12-31T23:59:59.999999Z', '9999-12-31 23:59:59.999999'],
    ],
  },
];

/** Columns of every type; a last one numbers the rows. */
export const stagedColumns: LakeColumn[] = [
  ...COLUMNS.map(({ type }, at) => ({ name: `column ${at}`, type })),
  { name: 'row', type: { kind: 'long' } },
];

/** The types Spark must find. */
export const sparkTypes: string[] = [...COLUMNS.map(({ spark }) => spark), 'bigint'];

const LONGEST = Math.max(...COLUMNS.map(({ values }) => values.length));

/** Row n has the n-th value of each column, null where it has no more: the last row is all nulls. */
export const stagedRows: LakeValue[][] = rowsOf((pair) => pair?.[0] ?? null);

/** The same as Spark's client must give them back. */
export const sparkRows: unknown[][] = rowsOf((pair) => (pair?.length === 2 ? pair[1] : (pair?.[0] ?? null)));

function rowsOf<Value>(
  pick: (pair: StagedColumn['values'][number] | undefined) => Value,
): (Value | bigint)[][] {
  return Array.from({ length: LONGEST + 1 }, (_, n) => [
    ...COLUMNS.map(({ values }) => pick(values[n])),
    BigInt(n),
  ]);
}
