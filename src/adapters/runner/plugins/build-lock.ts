import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';

const BEAT_MS = 3_000;
/** Ten beats missed: its holder is dead or frozen. */
const STALE_MS = 30_000;
const POLL_MS = 100;

const Holder = z.object({ id: z.string(), host: z.string(), pid: z.number().int() });
type Holder = z.infer<typeof Holder>;

export interface LockWait {
  signal: AbortSignal;
  /** Called once where another process holds it. */
  onWait(): void;
}

/**
 * Works while no other process of this machine, or of one that shares the folder, holds the lock file. A holder that was killed, or
 * that shows no sign of life for 30 s, loses it: so two may hold it in the end, and what is done under it must bear that.
 */
export async function withBuildLock<T>(path: string, lock: LockWait, work: () => Promise<T>): Promise<T> {
  const holder = { id: randomUUID(), host: hostname(), pid: process.pid };
  await mkdir(dirname(path), { recursive: true });
  await take(path, holder, lock);
  const beat = setInterval(() => void touch(path), BEAT_MS);
  beat.unref();
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await giveBack(path, holder);
  }
}

async function take(path: string, holder: Holder, { signal, onWait }: LockWait): Promise<void> {
  let told = false;
  for (;;) {
    signal.throwIfAborted();
    if (await takeIfFree(path, holder)) return;
    if (await removeIfAbandoned(path)) continue;
    if (!told) onWait();
    told = true;
    await wait(POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** Written aside and linked, so that nobody ever reads half of it. */
async function takeIfFree(path: string, holder: Holder): Promise<boolean> {
  const draft = `${path}.${holder.id}`;
  await writeFile(draft, JSON.stringify(holder));
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function removeIfAbandoned(path: string): Promise<boolean> {
  const holder = await holderOf(path);
  const beatAt = await stat(path).then(
    (file) => file.mtimeMs,
    () => null,
  );
  if (beatAt === null) return true;
  const isDead = holder !== null && holder.host === hostname() && !isAlive(holder.pid);
  if (!isDead && Date.now() - beatAt < STALE_MS) return false;
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => {});
  // Another may have been quicker, and what was moved is its lock: it gets it back.
  const moved = await holderOf(aside);
  if (moved !== null && moved.id !== holder?.id) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
  return true;
}

async function giveBack(path: string, holder: Holder): Promise<void> {
  if ((await holderOf(path))?.id === holder.id) await rm(path, { force: true });
}

async function holderOf(path: string): Promise<Holder | null> {
  try {
    return Holder.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => {});
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
