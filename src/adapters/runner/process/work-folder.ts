import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFolder } from './remove-folder.ts';
import { workFolderPrefix } from './work-folder-owner.ts';

/** A private folder of one run, gone when the run is. */
export interface WorkFolder {
  path: string;
  /** Writes a file only this user may read; answers its path. */
  write(name: string, content: string): Promise<string>;
}

/** Gives `work` a fresh 0700 folder and removes it afterwards, whatever happens and whatever was left in it. */
export async function withWorkFolder<T>(work: (folder: WorkFolder) => Promise<T>): Promise<T> {
  const path = await mkdtemp(join(tmpdir(), workFolderPrefix()));
  const written = new Set<string>();
  try {
    return await work({
      path,
      async write(name, content) {
        const file = join(path, name);
        written.add(file);
        // made anew: what a program has put there in the meantime may be a link to anywhere
        await rm(file, { recursive: true, force: true });
        await writeFile(file, content, { mode: 0o600, flag: 'wx' });
        return file;
      },
    });
  } finally {
    // the secrets first, should anything stand in the way of the rest
    for (const file of written) await rm(file, { recursive: true, force: true }).catch(() => {});
    await removeFolder(path);
  }
}

/** The environment a tap gets: built from nothing. */
export function tapEnvironment(folder: WorkFolder): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: folder.path,
    TMPDIR: folder.path,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
  };
}
