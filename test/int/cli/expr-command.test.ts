import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

const CLI = new URL('../../../src/cli.ts', import.meta.url).pathname;

function expr(expression: string, input: string) {
  return run(['--fn', expression], input);
}

async function run(args: string[], input: string) {
  const child = spawn(process.execPath, [CLI, 'expr', ...args], { stdio: 'pipe' });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { lines: out.split('\n').slice(0, -1), err, code };
}

test('ivory expr answers a line a value and keeps ints ints and floats floats', async () => {
  const { lines, code } = await expr(
    'v',
    '85.0\n85\n9007199254740993\n1e16\nNaN\n{"a":[-0.0,-0]}\n"é"\nnull\n',
  );
  expect(lines).toEqual([
    '{"ok":true,"value":85.0}',
    '{"ok":true,"value":85}',
    '{"ok":true,"value":9007199254740993}',
    '{"ok":true,"value":1e+16}',
    '{"ok":true,"value":NaN}',
    '{"ok":true,"value":{"a":[-0.0,0]}}',
    '{"ok":true,"value":"é"}',
    '{"ok":true,"value":null}',
  ]);
  expect(code).toBe(0);
});

test('ivory expr marks a malformed line and a failing value, and goes on', async () => {
  const { lines } = await expr('1 / v', '{bad\n0\n2\n');
  expect(lines[0]).toMatch(/^\{"ok":false,"error":"JSONDecodeError: /);
  expect(lines.slice(1)).toEqual([
    '{"ok":false,"error":"ZeroDivisionError: division by zero"}',
    '{"ok":true,"value":0.5}',
  ]);
});

test('ivory expr exits 2 with the reason when the expression is refused', async () => {
  const { lines, err, code } = await expr("__import__('os')", '1\n');
  expect(lines).toEqual([]);
  expect(err).toContain('Module "os" is not available in an expression');
  expect(code).toBe(2);
});

test.each([[['--fn', '-v']], [['--fn=-v']]])(
  'ivory expr %j takes an expression that begins with a minus',
  async (args) => {
    expect(await run(args, '2\n')).toMatchObject({ lines: ['{"ok":true,"value":-2}'], code: 0 });
  },
);

test.each([['--fn', '--v = 1'], ['--fn=-'], ['--fn'], [], ['--fn', 'v', 'v'], ['--other', 'v']])(
  'ivory expr exits 2 and answers nothing when given %j',
  async (...args) => {
    const { lines, err, code } = await run(args, '1\n');
    expect({ lines, code }).toEqual({ lines: [], code: 2 });
    expect(err).toMatch(/^(?:usage: ivory expr|ivory expr: )/);
  },
);
