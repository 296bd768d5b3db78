import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type IvoryProcess, startIvory } from '../../harness/processes.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const BLOCK = /```sh api\n(.*?)```\n(?:```(json|text)\n(.*?)```\n)?/gs;

let dataDir: string;
let dev: IvoryProcess;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ivory-api-doc-'));
  dev = await startIvory(['dev', '--data-dir', dataDir, '--port', '0'], {});
});
afterAll(async () => {
  await dev.end();
  await rm(dataDir, { recursive: true, force: true });
});

test('every example of docs/api.md runs, and answers the fields printed below it', {
  timeout: 120_000,
}, async () => {
  const examples = [...readFileSync(join(ROOT, 'docs/api.md'), 'utf8').matchAll(BLOCK)];
  const answers = await run(examples.map(([, script]) => script ?? ''));
  expect(examples.length).toBeGreaterThan(25);
  for (const [n, [, script, kind, printed]] of examples.entries()) {
    if (kind === undefined || printed === undefined) continue;
    const [shown, real] = [printed, answers[n] ?? ''].map((text) =>
      kind === 'json' ? shapeOf(JSON.parse(text)) : withoutTimes(text),
    );
    expect({ script, answer: real }).toEqual({ script, answer: shown });
  }
});

/** What each script prints, run one after the other in one shell. */
async function run(scripts: string[]): Promise<string[]> {
  const mark = '@@@ next example @@@';
  const script = scripts
    .map((text) => `${text}\nprintf '\\n${mark}\\n'`)
    .join('\n')
    .replaceAll('http://127.0.0.1:8080', dev.ready)
    .replaceAll('.ivory', dataDir);
  const env = { PATH: `${dirname(process.execPath)}:${process.env['PATH']}`, HOME: dataDir };
  const { stdout } = await promisify(execFile)('bash', ['-euc', script], {
    cwd: ROOT,
    env,
    timeout: 110_000,
  });
  return stdout.split(`\n${mark}\n`);
}

/** The fields of an answer; of a list, those of its first item. A problem also keeps its code. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return value === null ? null : typeof value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, key === 'code' || key === 'status' ? one : shapeOf(one)]),
  );
}

/** A tap's own lines are its own affair; how long a machine takes, and what it says while it does, is the machine's. */
function withoutTimes(text: string): string {
  const soFar = /^(event: log\ndata: )?\[ivory [^\n]* so far, [^\n]*\n(id: \d+\n\n)?/gm;
  const lines = text.trim().replaceAll(soFar, '').split('\n');
  return lines
    .filter((line) => !/^(data: )?tap-files:/.test(line))
    .join('\n')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, 'TIME')
    .replaceAll(/ \([\d.]+ .?B\) in /g, ' (SIZE) in ')
    .replaceAll(/ in \d+ s, [\d,]+ rows\/s/g, ' in TIME')
    .replaceAll(/^id: \d+$/gm, 'id: LINE')
    .replaceAll(/"(bytes|rows_per_s)":\d+/g, '"$1":0');
}
