import { type LakeValue, parseLakeType } from '../../src/domain/lake-type.ts';

/** Texts that would leave a literal, a line of COPY or a JSON string if they could. */
export const HOSTILE_TEXTS = [
  '',
  "'",
  "''); drop table x; --",
  '"quoted" \\"escaped\\"',
  '\\',
  '\\N',
  '\\.',
  'a\tb\nc\r\nd',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Spark would put a setting in its place
  '${spark.app.id} $$ `x` /* -- */',
  '}],"a":[{"b":"',
  'NULL',
  'Zürich 東京 🙂 e\u0301 \u202e',
  '\u0001\u0008\u000b\u001f\u007f\u2028\ufeff',
];

export interface NestedCase {
  type: string;
  values: LakeValue[];
  /** The JSON a reader gets, parsed, with numbers as text. */
  read: unknown[];
}

const struct = (a: LakeValue, b: LakeValue): LakeValue => [a, b];

/** Every sign the name of a field may have. */
const STRANGE_NAME = 'Total $ äöü.-_/;#%&*+=?@[]^|~!';

/** Nulls, empty things and the ends of scalars within nested values. */
export const NESTED_CASES: NestedCase[] = [
  {
    type: 'list<long>',
    values: [null, [], [null], [9223372036854775807n, -9223372036854775808n, null, 9007199254740993n]],
    read: [null, [], [null], ['9223372036854775807', '-9223372036854775808', null, '9007199254740993']],
  },
  { type: 'list<string>', values: [HOSTILE_TEXTS], read: [HOSTILE_TEXTS] },
  {
    type: 'list<int>',
    values: [[2147483647n, null, -2147483648n]],
    read: [['2147483647', null, '-2147483648']],
  },
  { type: 'list<boolean>', values: [[true, null, false]], read: [[true, null, false]] },
  {
    type: 'list<decimal(38,9)>',
    values: [[`${'9'.repeat(29)}.${'9'.repeat(9)}`, '-0.000100000', null]],
    read: [[`${'9'.repeat(29)}.${'9'.repeat(9)}`, '-0.000100000', null]],
  },
  {
    type: 'list<date>',
    values: [['0001-01-01', '1970-01-01', '2024-02-29', '9999-12-31', null]],
    read: [['0001-01-01', '1970-01-01', '2024-02-29', '9999-12-31', null]],
  },
  {
    type: 'list<timestamptz>',
    values: [['1969-12-31T23:59:59.999999Z', '2024-03-31T01:00:00.123456Z', '9999-12-31T23:59:59.999999Z']],
    read: [['1969-12-31T23:59:59.999999Z', '2024-03-31T01:00:00.123456Z', '9999-12-31T23:59:59.999999Z']],
  },
  {
    type: 'list<timestamp>',
    values: [['1970-01-01T00:00:00.000001', '2024-03-31T02:30:00.123456', '9999-12-31T23:59:59.999999']],
    read: [['1970-01-01T00:00:00.000001', '2024-03-31T02:30:00.123456', '9999-12-31T23:59:59.999999']],
  },
  { type: 'list<list<long>>', values: [[null, [], [null], [1n]]], read: [[null, [], [null], ['1']]] },
  {
    type: `struct<id:uuid,\`${STRANGE_NAME}\`:decimal(12,2)>`,
    values: [null, struct(null, null), struct('2ed6657d-e927-568b-95e1-2665a8aea6a2', '-9999999999.99')],
    read: [
      null,
      { id: null, [STRANGE_NAME]: null },
      { id: '2ed6657d-e927-568b-95e1-2665a8aea6a2', [STRANGE_NAME]: '-9999999999.99' },
    ],
  },
  {
    type: 'list<struct<sku:string,tags:list<string>>>',
    values: [[null, struct(null, null), struct('a', []), struct("b'", [null, '"'])]],
    read: [[null, { sku: null, tags: null }, { sku: 'a', tags: [] }, { sku: "b'", tags: [null, '"'] }]],
  },
  {
    type: 'map<string,struct<n:int,deep:map<string,list<boolean>>>>',
    values: [
      [],
      [
        ["k'ey", struct(1n, [['x', [true, null]]])],
        ['"', null],
        ['', struct(null, [])],
      ],
    ],
    read: [{}, { "k'ey": { n: '1', deep: { x: [true, null] } }, '"': null, '': { n: null, deep: {} } }],
  },
  {
    type: 'map<long,string>',
    values: [
      [
        [9007199254740993n, 'a'],
        [-1n, null],
      ],
    ],
    read: [{ '9007199254740993': 'a', '-1': null }],
  },
];

/** JSON as a reader gets it, numbers as they are written. */
export function parseNested(text: unknown): unknown {
  if (text === null) return null;
  const numbers = (_: string, value: unknown, context: { source?: string }) =>
    typeof value === 'number' ? context.source : value;
  return JSON.parse(String(text), numbers as (key: string, value: unknown) => unknown);
}

/** More fields than Spark prints of a struct by itself. */
export const WIDE_STRUCT = parseLakeType(
  `struct<${Array.from({ length: 60 }, (_, n) => `field_${n}:${n % 2 ? 'json' : 'long'}`).join(',')}>`,
);
