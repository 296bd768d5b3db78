import { lstat, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFolder } from './remove-folder.ts';
import { isAbandoned } from './work-folder-owner.ts';

/** Removes what processes that were killed, and could not be cleaned up after, have left of their runs. Answers how many folders. */
export async function sweepWorkFolders(root = tmpdir()): Promise<number> {
  const names = await readdir(root).catch(() => []);
  let removed = 0;
  for (const name of names.filter(isAbandoned)) {
    const path = join(root, name);
    if ((await isOurs(path)) && (await removeFolder(path))) removed += 1;
  }
  return removed;
}

/** In a folder for everybody's files a name proves nothing. */
async function isOurs(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => null);
  return stats?.isDirectory() === true && stats.uid === process.getuid?.();
}
