import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

const Newest = z.object({
  version: z.string(),
  /** When the index is asked again; ms since 1970. */
  askAgainAt: z.number(),
});

/** What the newest version was when the index was last asked. */
export type Newest = z.infer<typeof Newest>;

export async function readNewest(path: string): Promise<Newest | null> {
  try {
    return Newest.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

export async function writeNewest(path: string, newest: Newest): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(newest));
  await rename(draft, path);
}
