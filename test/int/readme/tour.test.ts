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

let dataDir: string;
let dev: IvoryProcess;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ivory-tour-'));
  dev = await startIvory(['dev', '--data-dir', dataDir, '--port', '0'], {});
});
afterAll(async () => {
  await dev.end();
  await rm(dataDir, { recursive: true, force: true });
});

test("the README's tour works when it is pasted", { timeout: 90_000 }, async () => {
  const script = tour().replaceAll('http://127.0.0.1:8080', dev.ready).replaceAll('.ivory', dataDir);
  const env = { PATH: `${dirname(process.execPath)}:${process.env['PATH']}`, HOME: dataDir };
  const { stdout } = await promisify(execFile)('bash', ['-euc', script], { cwd: ROOT, env, timeout: 80_000 });
  expect(stdout).toContain('"mapped":4');
  expect(stdout).toContain('"transform_fn":"v.strip().upper() if v else None"');
  expect(stdout).toContain('"rows_synced":10000,"rows_loaded":10000,"transform_errors":0');
});

/** Every block of the README marked as part of the tour, one after the other. */
function tour(): string {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  return [...readme.matchAll(/```sh tour\n(.*?)```/gs)].map(([, block]) => block).join('\n');
}
