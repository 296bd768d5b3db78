import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** What an entry costs at least: a name and an inode, also where it holds nothing. */
const ENTRY_BYTES = 4096;
const BLOCK_BYTES = 512;

/**
 * Bytes that a folder's files take on their disk, links not followed, each entry at least 4 KB: counting therefore ends, at the latest once
 * `enough` is passed. What cannot be read, or is gone meanwhile, counts nothing.
 */
export async function folderBytes(folder: string, enough: number, isWanted: () => boolean): Promise<number> {
  const linked = new Set<number>();
  const folders = [folder];
  let bytes = 0;
  for (let path = folders.pop(); path !== undefined; path = folders.pop()) {
    for await (const entry of entriesOf(path)) {
      if (bytes > enough || !isWanted()) return bytes;
      const file = join(path, entry.name);
      if (entry.isDirectory()) folders.push(file);
      const stats = await lstat(file).catch(() => null);
      if (stats === null || (stats.nlink > 1 && !stats.isDirectory() && linked.has(stats.ino))) continue;
      if (stats.nlink > 1) linked.add(stats.ino);
      bytes += Math.max(stats.blocks * BLOCK_BYTES, ENTRY_BYTES);
    }
  }
  return bytes;
}

async function* entriesOf(path: string) {
  try {
    yield* await opendir(path);
  } catch {
    // gone, or closed to us by its owner
  }
}
