import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createHiveService,
  type HiveService,
} from '../../../src/adapters/lakehouse/spark/client/hive-service.ts';
import { AppError } from '../../../src/errors.ts';
import * as thrift from '../../harness/thrift-answers.ts';

const SOME = Buffer.of(0);
const NONE = Buffer.alloc(0);
const fetched = (answer: Buffer, width: number) => service(answer).fetch(SOME, width, 10, 1);

describe('rows', () => {
  test('a bigint keeps every digit, and null is none of them', async () => {
    const values = [2n ** 63n - 1n, -(2n ** 63n), 9_007_199_254_740_993n, 0n];
    const column = thrift.column(5, 'i64', values.map(thrift.int64), Buffer.of(0b1000));
    const { rows } = await fetched(thrift.fetchAnswer([column]), 1);
    expect(rows).toEqual([[values[0]], [values[1]], [values[2]], [null]]);
  });

  test('a double can be nan, infinite and minus zero', async () => {
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0.1];
    const column = thrift.column(6, 'double', values.map(thrift.float64), NONE);
    const { rows } = await fetched(thrift.fetchAnswer([column]), 1);
    expect(rows.flat()).toEqual(values);
    expect(Object.is(rows[3]?.[0], -0)).toBe(true);
  });

  test('texts are unicode, bytes are bytes of their own', async () => {
    const texts = thrift.column(
      7,
      'string',
      ['é😀\n"', ''].map((text) => thrift.text(text)),
      NONE,
    );
    const bytes = thrift.column(8, 'string', [thrift.text(Buffer.of(0, 255)), thrift.text('')], Buffer.of(2));
    const answer = thrift.fetchAnswer([texts, bytes]);
    const { rows } = await fetched(answer, 2);
    answer.fill(1);
    expect(rows).toEqual([
      ['é😀\n"', Buffer.of(0, 255)],
      ['', null],
    ]);
  });

  test('booleans and small integers', async () => {
    const columns = [
      thrift.column(1, 'bool', [Buffer.of(1), Buffer.of(0)], NONE),
      thrift.column(2, 'byte', [Buffer.of(0x80), Buffer.of(0x7f)], NONE),
      thrift.column(3, 'i16', [Buffer.of(0xff, 0xfe), Buffer.of(0, 1)], NONE),
      thrift.column(4, 'i32', [thrift.int32(-5), thrift.int32(2 ** 31 - 1)], NONE),
    ];
    const { rows } = await fetched(thrift.fetchAnswer(columns), 4);
    expect(rows).toEqual([
      [true, -128, -2, -5],
      [false, 127, 1, 2 ** 31 - 1],
    ]);
  });

  test('null number n is bit n of the bitmap, whose last bytes may be missing', async () => {
    const nullAt = fc.uniqueArray(fc.nat({ max: 40 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(nullAt, async (nulls) => {
        const bitmap = Buffer.alloc(nulls.length > 0 ? (Math.max(...nulls) >> 3) + 1 : 0);
        for (const at of nulls) bitmap.writeUInt8((bitmap[at >> 3] ?? 0) | (1 << (at & 7)), at >> 3);
        const values = Array.from({ length: 41 }, (_, n) => thrift.int32(n));
        const { rows } = await fetched(thrift.fetchAnswer([thrift.column(4, 'i32', values, bitmap)]), 1);
        expect(rows.flat()).toEqual(values.map((_, n) => (nulls.includes(n) ? null : n)));
      }),
    );
  });

  test('columns of unequal length are refused, and so are too few', async () => {
    const one = thrift.column(4, 'i32', [thrift.int32(1)], NONE);
    const two = thrift.column(4, 'i32', [thrift.int32(1), thrift.int32(2)], NONE);
    await expect(fetched(thrift.fetchAnswer([one, two]), 2)).rejects.toMatchObject(NOT_SPARK);
    await expect(fetched(thrift.fetchAnswer([one]), 2)).rejects.toMatchObject(NOT_SPARK);
  });
});

describe('columns', () => {
  test('names keep their dots and come as often as they were selected; types are said as Spark says them', async () => {
    const qualifiers = thrift.map('struct', [
      ['precision', thrift.struct(thrift.field('i32', 1, thrift.int32(20)))],
      ['scale', thrift.struct(thrift.field('i32', 1, thrift.int32(4)))],
    ]);
    const answer = thrift.metadataAnswer([
      { name: 'a.b.c', type: 4 },
      { name: 'a.b.c', type: 15, qualifiers },
      { name: 'Cost Total $', type: 7 },
      { name: '', type: 99 },
    ]);
    expect(await service(answer).columns(SOME, 1)).toEqual([
      { name: 'a.b.c', type: 'bigint' },
      { name: 'a.b.c', type: 'decimal(20,4)' },
      { name: 'Cost Total $', type: 'string' },
      { name: '', type: 'string' },
    ]);
  });
});

describe('a server that lies', () => {
  const NULLS = thrift.field('string', 2, thrift.text(''));
  const inColumn = (values: Buffer) =>
    thrift.fetchAnswer([
      thrift.struct(thrift.field('struct', 5, thrift.struct(thrift.field('list', 1, values), NULLS))),
    ]);
  const HUGE = 2 ** 31 - 1;

  test.each([
    ['more elements than there are bytes', inColumn(thrift.list('i64', [], HUGE))],
    ['fewer than no elements', inColumn(thrift.list('i64', [], -1))],
    ['elements of another type', inColumn(thrift.list('i32', [thrift.int32(1)]))],
    ['elements of no type', inColumn(Buffer.concat([Buffer.of(1), thrift.int32(HUGE)]))],
    [
      'a text longer than the answer',
      thrift.answer('x', thrift.field('string', 9, thrift.text('abc', HUGE))),
    ],
    ['a text of less than nothing', thrift.answer('x', thrift.field('string', 9, thrift.text('', -2)))],
    ['structs without end', thrift.answer('x', Buffer.alloc(900, thrift.field('struct', 1, NONE)))],
    ['a call instead of an answer', thrift.answer('FetchResults', thrift.struct(), 1)],
    ['no status', thrift.answer('FetchResults', thrift.struct())],
    [
      'that it failed (an exception of Thrift)',
      thrift.answer('x', thrift.field('string', 1, thrift.text('oh')), 3),
    ],
    ['nothing', NONE],
    ['a page of a proxy', Buffer.from('<html><body>Please log in</body></html>')],
  ])('announcing %s is refused', async (_, answer) => {
    await expect(fetched(answer, 1)).rejects.toMatchObject(NOT_SPARK);
  });

  test('an answer that is cut off or garbled anywhere gives rows or a refusal, and nothing else', async () => {
    const texts = ['a', 'bc'].map((text) => thrift.text(text));
    const whole = thrift.fetchAnswer([
      thrift.column(5, 'i64', [1n, 2n].map(thrift.int64), Buffer.of(1)),
      thrift.column(7, 'string', texts, NONE),
    ]);
    const somewhere = fc.nat({ max: whole.length - 1 });
    await fc.assert(
      fc.asyncProperty(somewhere, somewhere, fc.nat({ max: 255 }), async (cutAt, at, value) => {
        await expect(fetched(whole.subarray(0, cutAt), 2)).rejects.toMatchObject(NOT_SPARK);
        const garbled = Buffer.from(whole);
        garbled.writeUInt8(value, at);
        const outcome = await fetched(garbled, 2).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(AppError);
      }),
    );
  });
});

const NOT_SPARK = { code: 'lakehouse.unavailable', mayHaveRun: true };

/** A server that gives one answer to whatever it is asked. */
function service(answer: Buffer): HiveService {
  return createHiveService({ post: async () => answer, close() {} });
}
