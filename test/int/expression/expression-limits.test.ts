import { afterAll, describe, expect, test } from 'vitest';
import type { PyValue } from '../../../src/ports/expressions.ts';
import { createExpressionEngine } from '../../../src/transform/expression/engine.ts';

const engine = createExpressionEngine({ threads: 2 });
afterAll(() => engine.close());

/** The expression meets a harmless value, then the bomb, then a harmless one again. */
const BOMBS: [name: string, expression: string, harmless: PyValue, bomb: PyValue, type: RegExp][] = [
  ['a text repeated a billion times', "'a' * v", 2n, 10n ** 9n, /^(MemoryError|TimeoutError)/],
  ['a text repeated beyond 64 bits', "'a' * v", 2n, 2n ** 70n, /^OverflowError/],
  ['a list repeated', '[0] * v', 2n, 10n ** 12n, /^(MemoryError|TimeoutError)/],
  ['a tower of powers', '10 ** v', 2n, 10n ** 8n, /^OverflowError/],
  ['a shift', '1 << v', 2n, 10n ** 12n, /^OverflowError/],
  ['a product of huge ints', 'v * v', 2n, 10n ** 9000n, /^OverflowError/],
  ['the digits of a huge int', 'str(v)', 2n, 10n ** 5000n, /^ValueError: Exceeds the limit/],
  ['a huge range as a list', 'list(range(v))', 2n, 10n ** 12n, /^(MemoryError|TimeoutError)/],
  ['a huge range summed', 'sum(range(v))', 2n, 10n ** 12n, /^(MemoryError|TimeoutError)/],
  ['a huge range sorted', 'sorted(range(v))', 2n, 10n ** 8n, /^(MemoryError|TimeoutError)/],
  [
    'nested loops',
    'sum(1 for x in range(v) for y in range(9 ** 6))',
    0n,
    5000n,
    /^(MemoryError|TimeoutError)/,
  ],
  ['a padded text', "'x'.center(v)", 2n, 10n ** 10n, /^(MemoryError|TimeoutError)/],
  ['zeros in front', "'x'.zfill(v)", 2n, 10n ** 10n, /^(MemoryError|TimeoutError)/],
  [
    'a replacement that blows up',
    "('a' * v).replace('a', 'b' * v)",
    2n,
    10n ** 6n,
    /^(MemoryError|TimeoutError)/,
  ],
  ['a join that blows up', "('x' * v).join(['a'] * v)", 2n, 10n ** 5n, /^(MemoryError|TimeoutError)/],
  ['a wide format', "f'{1:>{v}}'", 2n, 10n ** 9n, /^ValueError/],
  ['a precise format', "f'{1.5:.{v}f}'", 2n, 10n ** 9n, /^ValueError/],
  ['wide % formatting', "('%' + str(v) + 'd') % 1", 2n, 10n ** 9n, /^ValueError/],
];

describe('a value that exceeds a limit', () => {
  test.each(BOMBS)('%s: is marked alone', async (_name, expression, harmless, bomb, type) => {
    const [before, marked, after] = await engine.evaluate(expression, [harmless, bomb, harmless]);
    expect(before?.ok).toBe(true);
    expect(after).toEqual(before);
    expect(marked).toEqual({ ok: false, error: expect.stringMatching(type) });
  });

  test('among ten thousand costs no other value its answer', async () => {
    const values: PyValue[] = Array.from({ length: 10_000 }, (_, i) => BigInt(i % 5));
    values[7_777] = 10n ** 12n;
    const results = await engine.evaluate('sum(range(v))', values);
    expect(results.flatMap((result, i) => (result.ok ? [] : [i]))).toEqual([7_777]);
    expect(results[7_778]).toEqual({ ok: true, value: 3n });
  });

  test('nested too deep is refused alone', async () => {
    let deep: PyValue = 1n;
    for (let i = 0; i < 5_000; i++) deep = [deep];
    const results = await engine.evaluate('len(v)', [[1n], deep, [1n, 2n]]);
    expect(results.map((result) => result.ok)).toEqual([true, false, true]);
  });
});

describe('the engine', () => {
  test('gives up a silent thread, replaces it and goes on', async () => {
    const impatient = createExpressionEngine({ threads: 1, valueSteps: 1e12, silenceMs: 400 });
    const results = await impatient.evaluate('sum(x % 7 for x in range(v))', [3n, 10n ** 10n, 4n]);
    await impatient.close();
    expect(results[0]).toEqual({ ok: true, value: 3n });
    expect(results[1]).toEqual({
      ok: false,
      error: 'RuntimeError: the value was given up: it took too long',
    });
    expect(results[2]).toEqual({ ok: true, value: 6n });
  });

  test('refuses to evaluate what it refuses to save', async () => {
    await expect(engine.evaluate("open('x')", [1n])).rejects.toThrow('Function "open"');
  });

  test('evaluates nothing once it is closed', async () => {
    const closed = createExpressionEngine();
    await closed.evaluate('v', [1n]);
    await closed.close();
    await expect(closed.evaluate('v', [1n])).rejects.toMatchObject({ code: 'expression.engine_closed' });
  });

  test('ends what it was doing when it is closed', async () => {
    const busy = createExpressionEngine({ threads: 1, valueSteps: 1e12 });
    const pending = busy.evaluate('sum(x % 7 for x in range(v))', [10n ** 10n]);
    const ended = expect(pending).rejects.toMatchObject({ code: 'expression.engine_closed' });
    await busy.close();
    await ended;
  });
});
