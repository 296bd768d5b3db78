import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../harness/process-hosts.ts';
import { until } from '../../harness/until.ts';

const GUARD = fileURLToPath(new URL('../../../src/adapters/runner/process/orphan-guard.ts', import.meta.url));

/**
 * Five children in groups of their own: the second has ended for the guard; before the fourth the guard's own shell is killed; of the
 * fifth the guard was never told that it runs.
 */
const WORKER = `
  import { spawn } from 'node:child_process';
  import { readdirSync, readFileSync } from 'node:fs';
  import { createOrphanGuard } from ${JSON.stringify(GUARD)};
  const guard = createOrphanGuard();
  const folders = process.argv.slice(1);
  const start = (n) => {
    const mark = 'mark-' + process.pid + '-' + n;
    const watched = guard.watch({ mark, folder: folders[n] });
    const env = n === 4 ? { ...process.env, IVORY_CHILD: mark } : process.env;
    const { pid } = spawn('sleep', ['600'], { detached: true, stdio: 'ignore', env });
    if (n !== 4) watched.started(pid);
    return { pid, release: watched.release };
  };
  const children = [start(0), start(1), start(2)];
  children[1].release();
  const shells = () => readdirSync('/proc').filter((pid) => {
    try {
      const [name, , parent] = readFileSync('/proc/' + pid + '/stat', 'utf8').split(' ').slice(1);
      return name === '(sh)' && Number(parent) === process.pid;
    } catch {
      return false;
    }
  });
  while (shells().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  for (const pid of shells()) process.kill(Number(pid), 'SIGKILL');
  while (shells().length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  children.push(start(3), start(4));
  process.stdout.write(JSON.stringify(children.map(({ pid }) => pid)) + '\\n');
  setInterval(() => {}, 60_000);`;

/** One that was killed and waits for somebody to notice has no command line. */
const lives = (pid: number) => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
};

test('one shell guards all children of a worker: those that live or are just being started go with it, also after the shell itself was killed', async () => {
  const root = await temporaryFolder();
  const folders = ['a', 'b c', 'd', 'e', 'f'].map((name) => join(root, name));
  for (const folder of folders) await mkdir(folder);
  const worker = spawn(process.execPath, ['--input-type=module', '-e', WORKER, ...folders], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void worker.kill('SIGKILL'));
  const [line] = await Array.fromAsync(firstOf(createInterface({ input: worker.stdout })));
  const pids: number[] = JSON.parse(line ?? '[]');
  onTestFinished(() => {
    for (const pid of pids.filter(lives)) process.kill(pid, 'SIGKILL');
  });
  expect(pids.map(lives)).toEqual([true, true, true, true, true]);
  worker.kill('SIGKILL');
  await until(
    'the guarded are gone',
    async () => !folders.some((folder, n) => n !== 1 && existsSync(folder)),
  );
  await until('they are ended', async () => pids.filter(lives).length === 1);
  expect(pids.map(lives)).toEqual([false, true, false, false, false]);
  expect(existsSync(folders[1] ?? '')).toBe(true);
});

async function* firstOf(lines: AsyncIterable<string>) {
  for await (const line of lines) {
    yield line;
    return;
  }
}
