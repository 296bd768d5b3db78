import { chmod, opendir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const TRIES = 3;

/**
 * Removes a folder and all in it, also what its maker has closed to everybody; links are not followed. Answers false when something cannot be
 * removed: it is left to the sweep (sweepWorkFolders).
 */
export async function removeFolder(path: string): Promise<boolean> {
  for (let left = TRIES; left > 0; left--) {
    try {
      await rm(path, { recursive: true, force: true, maxRetries: 2 });
      return true;
    } catch {
      await openFolders(path);
    }
  }
  return false;
}

/** Makes every folder readable and writable to us again: those in a closed folder are seen only after it. */
async function openFolders(root: string): Promise<void> {
  const folders = [root];
  for (let path = folders.pop(); path !== undefined; path = folders.pop()) {
    await chmod(path, 0o700).catch(() => {});
    const entries = await opendir(path).catch(() => []);
    for await (const entry of entries) if (entry.isDirectory()) folders.push(join(path, entry.name));
  }
}
