import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { until } from '../until.ts';

/** Every file and folder in a folder, by its path in it. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.map(({ parentPath, name }) => relative(folder, join(parentPath, name)));
}

/**
 * Processes that have `folder` in their environment, working folder or command line, described. The shell that guards a tap's orphans ends
 * a moment after it is let go: what only names the folder is given that moment. Without /proc: none.
 */
export async function processesOf(folder: string): Promise<string[]> {
  const alive = await processesThat(async (pid) => (await inProc(pid, 'environ')).includes(folder));
  const guards = () => processesThat(async (pid) => (await inProc(pid, 'cmdline')).includes(folder));
  await until('no process names the folder', async () => (await guards()).length === 0, 10_000).catch(
    () => {},
  );
  return [...alive, ...(await guards())];
}

/** The command lines of all processes that can be seen. */
export async function commandLines(): Promise<string[]> {
  return Promise.all((await pids()).map((pid) => inProc(pid, 'cmdline')));
}

async function processesThat(matches: (pid: string) => Promise<boolean>): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await pids()) {
    if (pid !== String(process.pid) && (await matches(pid)))
      found.push(`process ${pid}: ${(await inProc(pid, 'cmdline')).replaceAll('\0', ' ')}`);
  }
  return found;
}

async function pids(): Promise<string[]> {
  const entries = await readdir('/proc').catch(() => []);
  return entries.filter((name) => /^\d+$/.test(name));
}

/** '' for what is gone, or another user's. */
function inProc(pid: string, file: string): Promise<string> {
  return readFile(join('/proc', pid, file), 'utf8').catch(() => '');
}
