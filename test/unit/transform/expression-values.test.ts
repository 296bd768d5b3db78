import { afterAll, describe, expect, test } from 'vitest';
import type { PyValue } from '../../../src/ports/expressions.ts';
import { createExpressionEngine } from '../../../src/transform/expression/engine.ts';

const engine = createExpressionEngine({ threads: 1 });
afterAll(() => engine.close());

const VALUES: [string, PyValue][] = [
  ['None', null],
  ['True', true],
  ['an int', 85n],
  ['a float without a fraction', 85],
  ['minus zero', -0],
  ['zero as a float', 0],
  ['zero as an int', 0n],
  ['nan', Number.NaN],
  ['infinity', Number.NEGATIVE_INFINITY],
  ['2^53 + 1', 2n ** 53n + 1n],
  ['an int of 300 digits', 10n ** 300n],
  ['a large float', 1e300],
  ['a float an int could be', 1e18],
  ['text of any script', 'é😀ß की'],
  ['text with NUL', 'a\0b'],
  ['a list', [1n, 1, -0, 'a', null, [true, []]]],
  [
    'a dict',
    new Map<string, PyValue>([
      ['z', 1],
      ['10', new Map([['c', [2n ** 64n, 0.5]]])],
      ['__proto__', 'own'],
    ]),
  ],
  ['a Decimal', { type: 'decimal', text: '-12.500' }],
  ['a date', { type: 'date', text: '2024-02-29' }],
  ['a datetime', { type: 'datetime', text: '2026-03-28 12:00:00.500000+02:00' }],
  ['a time', { type: 'time', text: '07:05:00.000001' }],
  ['bytes', { type: 'bytes', text: '00ff41' }],
];

describe('values', () => {
  test.each(VALUES)('%s comes out as it went in', async (_name, value) => {
    const [result] = await engine.evaluate('v', [value]);
    expect(result).toEqual({ ok: true, value });
  });

  test('the type of a number is the one Python sees', async () => {
    const types = await engine.evaluate("'float' if isinstance(v, float) else 'int'", [
      85,
      85n,
      -0,
      1e22,
      2n ** 70n,
    ]);
    expect(types.map((result) => result.ok && result.value)).toEqual([
      'float',
      'int',
      'float',
      'float',
      'int',
    ]);
  });

  test('a tuple becomes a list', async () => {
    expect(await engine.evaluate('(v, 1)', [2n])).toEqual([{ ok: true, value: [2n, 1n] }]);
  });

  test('a set is an error, for it has no order', async () => {
    expect(await engine.evaluate('{v}', [2n])).toEqual([
      { ok: false, error: 'TypeError: the result is a set, which has no order; use sorted(...)' },
    ]);
  });

  test('keys of a dict become text as json.dumps writes them', async () => {
    expect(await engine.evaluate('{1.5: v, None: 2, True: 3}', [1n])).toEqual([
      {
        ok: true,
        value: new Map([
          ['1.5', 1n],
          ['null', 2n],
          ['true', 3n],
        ]),
      },
    ]);
  });

  test('a lone surrogate is refused alone', async () => {
    const results = await engine.evaluate('v', ['a', 'x\ud800', 'b']);
    expect(results.map((result) => result.ok)).toEqual([true, false, true]);
  });

  test('errors read as in Python', async () => {
    const errors = await engine.evaluate('1 / v', [0n, 'a', null]);
    expect(errors.map((result) => !result.ok && result.error)).toEqual([
      'ZeroDivisionError: division by zero',
      "TypeError: unsupported operand type(s) for /: 'int' and 'str'",
      "TypeError: unsupported operand type(s) for /: 'int' and 'NoneType'",
    ]);
  });
});
