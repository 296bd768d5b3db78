import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { ConflictError } from '../errors.ts';
import { identityOf, isRunning, type ProcessIdentity } from './process-identity.ts';

export interface DataDirLock {
  /** Lets the next one in. Doing it twice changes nothing. */
  release(): void;
}

const Holder = z.object({ pid: z.number().int().positive(), startedAt: z.string().nullable() });
const TRIES = 5;

/**
 * Takes a folder for this process alone (creating it), until release or the death of the process, however it dies.
 * Throws ConflictError `dev.data_dir_in_use` naming the folder and the pid that has it.
 */
export function acquireDataDirLock(dir: string): DataDirLock {
  const folder = resolve(dir);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'lock');
  const mine = `${path}.${randomUUID()}`;
  writeFileSync(mine, JSON.stringify(identityOf(process.pid)), { mode: 0o600 });
  try {
    for (let tries = 0; tries < TRIES; tries += 1) {
      if (linkExclusive(mine, path)) return lockAt(path, readFileSync(mine, 'utf8'));
      const holder = readHolder(path);
      if (holder && isRunning(holder)) throw inUse(folder, holder.pid);
      removeStale(path, holder);
    }
    throw inUse(folder, readHolder(path)?.pid ?? 0);
  } finally {
    rmSync(mine, { force: true });
  }
}

function lockAt(path: string, content: string): DataDirLock {
  return {
    release() {
      if (readText(path) === content) rmSync(path, { force: true });
    },
  };
}

function linkExclusive(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Two may find the same stale lock: what was moved away is looked at again, and put back if it was the other's new one. */
function removeStale(path: string, stale: ProcessIdentity | null): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const moved = readHolder(aside);
  if (moved && !isSame(moved, stale) && isRunning(moved)) linkExclusive(aside, path);
  rmSync(aside, { force: true });
}

function isSame(a: ProcessIdentity, b: ProcessIdentity | null): boolean {
  return a.pid === b?.pid && a.startedAt === b.startedAt;
}

function readHolder(path: string): ProcessIdentity | null {
  const text = readText(path);
  if (text === null) return null;
  try {
    return Holder.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function inUse(folder: string, pid: number): ConflictError {
  return new ConflictError(
    'dev.data_dir_in_use',
    `${folder} is in use by process ${pid}. Stop that one first, or choose another folder.`,
  );
}
