import { rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnavailableError } from '../../errors.ts';
import { type Check, NO_WARNINGS } from './check.ts';

/** A tap's config and its first output need this much. */
const LEAST_FREE_BYTES = 64 * 1024 ** 2;
/** Less is a warning: a few runs may fill it. */
const LOW_BYTES = 1024 ** 3;

export interface WorkFolderOptions {
  folder?: string;
  freeBytes?(folder: string): Promise<number>;
}

/** Whether runs can write where they work: the folder is there, takes a file and has room. */
export function workFolderCheck({
  folder = tmpdir(),
  freeBytes = freeBytesOf,
}: WorkFolderOptions = {}): Check {
  const file = join(folder, `ivory-ready-${process.pid}`);
  return {
    name: 'work_folder',
    required: true,
    async ask(signal) {
      await written(file, signal);
      const free = await freeBytes(folder);
      if (free < LEAST_FREE_BYTES)
        throw new UnavailableError('work_folder.full', `${folder} has less than 64 MB free.`);
      return free < LOW_BYTES ? ['work_folder.low'] : NO_WARNINGS;
    },
  };
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
