import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../unit/tap-files/support.ts';

const DATA = resolve('node_modules/vega-datasets/data');
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

interface Line {
  type: string;
  record: Record<string, unknown>;
  schema: { properties: Record<string, { type: string[]; format?: string }> };
}

async function configFor(name: string, path: string): Promise<string> {
  const file = join(folder.path, `${name}.json`);
  await writeFile(file, JSON.stringify({ root: DATA, jail: true, streams: [{ name, path }] }));
  return file;
}

/** `npx ivory tap-files ...`, the shebang's own way. */
function ivory(args: string[]): ChildProcess {
  return spawn('npx', ['ivory', 'tap-files', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The same without npx in between, where the process itself is what is tested. */
function tap(args: string[]): ChildProcess {
  return spawn(process.execPath, ['src/cli.ts', 'tap-files', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function collect(child: ChildProcess, onLine: (line: Line) => void): Promise<number | null> {
  if (!child.stdout) throw new Error('no stdout');
  child.stderr?.resume();
  const closed = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) onLine(JSON.parse(line));
  await closed;
  return child.exitCode;
}

test('npx ivory tap-files sends every bird strike with its numbers', async () => {
  let rows = 0;
  let cost = 0;
  const types: Record<string, unknown> = {};
  const exitCode = await collect(ivory(['--config', await configFor('birds', 'birdstrikes.csv')]), (line) => {
    if (line.type === 'SCHEMA') Object.assign(types, line.schema.properties);
    if (line.type !== 'RECORD') return;
    rows++;
    cost += Number(line.record['Cost Total $'] ?? 0);
  });
  const text = await readFile(join(DATA, 'birdstrikes.csv'), 'utf8');
  const expected = text
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => Number(line.split(',').at(-2)));
  expect({ exitCode, rows, cost }).toEqual({
    exitCode: 0,
    rows: expected.length,
    cost: expected.reduce((sum, value) => sum + value, 0),
  });
  expect(types).toMatchObject({
    'Flight Date': { format: 'date' },
    'Cost Total $': { type: ['null', 'integer'] },
  });
});

test.each([
  ['airports.csv', 3376],
  ['zipcodes.csv', 42_049],
  ['movies.json', 3201],
  ['flights-200k.json', 200_000],
])('%s is sent whole', async (file, expected) => {
  let rows = 0;
  const exitCode = await collect(tap(['--config', await configFor(file, file)]), ({ type }) => {
    if (type === 'RECORD') rows++;
  });
  expect({ exitCode, rows }).toEqual({ exitCode: 0, rows: expected });
});

test('the three million flights of a Parquet file are sent', async () => {
  const child = tap(['--config', await configFor('flights', 'flights-3m.parquet')]);
  let newlines = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) newlines++;
  });
  await once(child, 'close');
  expect({ exitCode: child.exitCode, newlines }).toEqual({ exitCode: 0, newlines: 3_000_002 });
}, 120_000);

test('a tap that nobody reads from stops within a second of SIGTERM', async () => {
  const child = tap(['--config', await configFor('stopped', 'flights-3m.parquet')]);
  await once(child.stdout ?? child, 'readable');
  const asked = performance.now();
  child.kill('SIGTERM');
  await once(child, 'exit');
  expect(performance.now() - asked).toBeLessThan(1000);
  child.stdout?.destroy();
});

test('a reader that goes away ends the tap quietly', async () => {
  const child = tap(['--config', await configFor('closed', 'flights-3m.parquet')]);
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await once(child.stdout ?? child, 'readable');
  child.stdout?.destroy();
  await once(child, 'close');
  expect({ exitCode: child.exitCode, said }).toEqual({ exitCode: 141, said: '' });
});

test('a config with an unknown field is refused by name', async () => {
  const file = join(folder.path, 'wrong.json');
  await writeFile(file, JSON.stringify({ streams: [{ name: 'x', path: 'a.csv', keys: ['id'] }] }));
  const child = tap(['--config', file]);
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await once(child, 'close');
  expect(child.exitCode).toBe(1);
  expect(said).toContain('keys');
  expect(said).toContain('(tap.config_invalid)');
});
