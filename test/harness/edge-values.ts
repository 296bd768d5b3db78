import type { LakeType, LakeValue } from '../../src/domain/lake-type.ts';

const MOMENTS = [
  '0001-01-01T00:00:00',
  '1582-10-10T12:00:00',
  '1969-12-31T23:59:59.999999',
  '1970-01-01T00:00:00',
  '1970-01-01T00:00:00.000001',
  // hours that clocks of Berlin and New York have twice or not at all
  '2024-03-31T02:30:00',
  '2024-10-27T00:30:00',
  '2024-10-27T01:30:00',
  '2024-03-10T02:30:00',
  '2038-01-19T03:14:08',
  '9999-12-31T23:59:59.999999',
];

/** Where engines differ by a digit, a day or an hour. */
export const EDGES: readonly { type: LakeType; values: readonly LakeValue[] }[] = [
  { type: { kind: 'decimal', precision: 38, scale: 0 }, values: ['9'.repeat(38), `-${'9'.repeat(38)}`, '0'] },
  {
    type: { kind: 'decimal', precision: 38, scale: 38 },
    values: [`0.${'9'.repeat(38)}`, `-0.${'0'.repeat(37)}1`],
  },
  { type: { kind: 'decimal', precision: 38, scale: 18 }, values: [`${'9'.repeat(20)}.${'9'.repeat(18)}`] },
  { type: { kind: 'decimal', precision: 1, scale: 0 }, values: ['9', '-9'] },
  {
    type: { kind: 'date' },
    values: [
      '0001-01-01',
      '1582-10-04',
      '1582-10-10',
      '1970-01-01',
      '1969-12-31',
      '2000-02-29',
      '9999-12-31',
    ],
  },
  { type: { kind: 'timestamp' }, values: MOMENTS },
  { type: { kind: 'timestamptz' }, values: MOMENTS.map((moment) => `${moment}Z`) },
  {
    type: { kind: 'binary' },
    values: [
      Buffer.from([0]),
      Buffer.from([0, 0, 255, 39, 92, 10]),
      Buffer.alloc(0),
      Buffer.alloc(70_000, 0),
    ],
  },
  {
    type: { kind: 'uuid' },
    values: ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  },
];

const LONGEST = Math.max(...EDGES.map(({ values }) => values.length));

/** Row n has the n-th value of each type after its number, null where there is none. */
export const EDGE_ROWS: LakeValue[][] = Array.from({ length: LONGEST + 1 }, (_, n) => [
  BigInt(n),
  ...EDGES.map(({ values }) => values[n] ?? null),
]);
