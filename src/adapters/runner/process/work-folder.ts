import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A private folder of one run, gone when the run is. */
export interface WorkFolder {
  path: string;
  /** Writes a file only this user may read; answers its path. */
  write(name: string, content: string): Promise<string>;
}

/** Gives `work` a fresh 0700 folder and removes it afterwards, whatever happens. */
export async function withWorkFolder<T>(work: (folder: WorkFolder) => Promise<T>): Promise<T> {
  const path = await mkdtemp(join(tmpdir(), 'ivory-run-'));
  try {
    return await work({
      path,
      async write(name, content) {
        const file = join(path, name);
        await writeFile(file, content, { mode: 0o600 });
        return file;
      },
    });
  } finally {
    await rm(path, { recursive: true, force: true });
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
