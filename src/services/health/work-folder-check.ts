import { readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnavailableError } from '../../errors.ts';
import { type Check, NO_WARNINGS } from './check.ts';

/** A tap's config and its first output need this much. */
const LEAST_FREE_BYTES = 64 * 1024 ** 2;
/** Less is a warning: a few runs may fill it. */
const LOW_BYTES = 1024 ** 3;
const NAME = 'ivory-ready-';

export interface WorkFolderOptions {
  folder?: string;
  freeBytes?(folder: string): Promise<number>;
}

/** Whether runs can write where they work: the folder is there, takes a file and has room. */
export function workFolderCheck({
  folder = tmpdir(),
  freeBytes = freeBytesOf,
}: WorkFolderOptions = {}): Check {
  const file = join(folder, `${NAME}${process.pid}`);
  let isSwept = false;
  return {
    name: 'work_folder',
    required: true,
    async ask(signal) {
      if (!isSwept) await sweep(folder);
      isSwept = true;
      await written(file, signal);
      const free = await freeBytes(folder);
      if (free < LEAST_FREE_BYTES)
        throw new UnavailableError('work_folder.full', `${folder} has less than 64 MB free.`);
      return free < LOW_BYTES ? ['work_folder.low'] : NO_WARNINGS;
    },
  };
}

/** A process that was killed may have left its file. */
async function sweep(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const pids = names.filter((name) => name.startsWith(NAME)).map((name) => Number(name.slice(NAME.length)));
  for (const pid of pids.filter((one) => one > 0 && !isAlive(one)))
    await rm(join(folder, `${NAME}${pid}`), { force: true }).catch(() => {});
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function written(file: string, signal: AbortSignal): Promise<void> {
  try {
    await writeFile(file, 'ready', { mode: 0o600, signal });
    await rm(file, { force: true });
  } catch (cause) {
    throw new UnavailableError('work_folder.not_writable', 'The work folder takes no file.', { cause });
  }
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
