import { type FileHandle, mkdir, open, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PartSink, PartStore } from './part-store.ts';
import { codeOf, folderError } from './stage-errors.ts';
import { isAttemptName, isPartName } from './stage-paths.ts';

/** Small writes are gathered into blocks of this size. */
const BLOCK_BYTES = 1024 * 1024;
/** Another worker may remove an empty folder just before something is put into it. */
const MKDIR_TRIES = 5;

/**
 * Parts in a folder that Spark sees under the same path. It must exist: one that is not mounted yet would be made on the wrong disk.
 * Folders and files get the rights the umask of this process leaves (777 and 666 without it): it must let Spark's user read.
 */
export function createFolderStore(folder: string): PartStore {
  return {
    create: (path) => translated(() => createPart(folder, path)),
    urlOf: (path) => `file:${join(folder, path)}`,
    removeAttempt: (attempt) => translated(() => removeAttempt(folder, attempt)),
    sweep: (before) => translated(() => sweep(folder, before)),
    close: async () => {},
  };
}

async function createPart(folder: string, path: string): Promise<PartSink> {
  const [tenant = '', batch = '', attempt = ''] = path.split('/');
  await makeFolders(folder, [tenant, batch, attempt]);
  return fileSink(await open(join(folder, path), 'wx', 0o666));
}

async function makeFolders(folder: string, names: readonly string[]): Promise<void> {
  await stat(folder);
  for (let tries = 1; ; tries++) {
    try {
      return void (await mkdir(join(folder, ...names), { recursive: true }));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || tries === MKDIR_TRIES) throw error;
    }
  }
}

function fileSink(handle: FileHandle): PartSink {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let isOpen = true;

  async function flush() {
    const block = Buffer.concat(waiting, waitingBytes);
    waiting = [];
    waitingBytes = 0;
    // unlike write() it goes on until all of it is written
    await handle.writeFile(block);
  }

  async function release() {
    if (!isOpen) return;
    isOpen = false;
    await handle.close();
  }

  return {
    write: (bytes) =>
      translated(async () => {
        waiting.push(bytes);
        waitingBytes += bytes.length;
        if (waitingBytes >= BLOCK_BYTES) await flush();
      }),
    close: () =>
      translated(async () => {
        await flush();
        await release();
      }),
    abort: () => translated(release),
  };
}

async function removeAttempt(folder: string, attempt: string): Promise<void> {
  const [tenant = '', batch = ''] = attempt.split('/');
  await rm(join(folder, attempt), { recursive: true, force: true });
  await removeIfEmpty(join(folder, tenant, batch));
  await removeIfEmpty(join(folder, tenant));
}

async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch((error: unknown) => {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(error))) throw error;
  });
}

async function sweep(folder: string, before: Date): Promise<number> {
  let removed = 0;
  for (const tenant of await foldersIn(folder)) {
    for (const batch of await foldersIn(join(folder, tenant))) {
      for (const attempt of await foldersIn(join(folder, tenant, batch))) {
        const path = `${tenant}/${batch}/${attempt}`;
        if (!(await isAbandoned(join(folder, path), attempt, before))) continue;
        await removeAttempt(folder, path);
        removed++;
      }
    }
  }
  return removed;
}

/** Only what this module makes: a folder of parts and of nothing else. */
async function isAbandoned(path: string, name: string, before: Date): Promise<boolean> {
  if (!isAttemptName(name)) return false;
  const parts = await readdir(path);
  if (!parts.every(isPartName)) return false;
  for (const touched of [path, ...parts.map((part) => join(path, part))]) {
    if ((await stat(touched)).mtime >= before) return false;
  }
  return true;
}

/** What another worker has just removed has none. */
async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function translated<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw folderError(error);
  }
}
