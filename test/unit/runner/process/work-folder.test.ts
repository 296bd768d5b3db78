import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { folderBytes } from '../../../../src/adapters/runner/process/folder-size.ts';
import { sweepWorkFolders } from '../../../../src/adapters/runner/process/sweep-work-folders.ts';
import { withWorkFolder } from '../../../../src/adapters/runner/process/work-folder.ts';
import { workFolderPrefix } from '../../../../src/adapters/runner/process/work-folder-owner.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ivory-folders-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe('a work folder', () => {
  test('is closed to others, and so is what is written in it', async () => {
    await withWorkFolder(async (folder) => {
      expect(await modeOf(folder.path)).toBe(0o700);
      const file = await folder.write('config.json', '{"password":"x"}');
      expect(await modeOf(file)).toBe(0o600);
      expect(await readFile(file, 'utf8')).toBe('{"password":"x"}');
    });
  });

  test('is gone after its work, whether that succeeded or failed', async () => {
    const done = await withWorkFolder(async ({ path }) => path);
    let failed = '';
    const failing = withWorkFolder(async ({ path }) => {
      failed = path;
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect([done, failed].map((path) => existsSync(path))).toEqual([false, false]);
  });

  test('is gone also when thousands of files, closed folders and links out of it are left there', async () => {
    const outside = join(root, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'kept'), '');
    const path = await withWorkFolder(async (folder) => {
      const deep = join(folder.path, 'a/b/c');
      await mkdir(deep, { recursive: true });
      for (let n = 0; n < 3_000; n++) await writeFile(join(deep, `f${n}`), '');
      await symlink(outside, join(folder.path, 'link'));
      await chmod(deep, 0);
      await chmod(join(folder.path, 'a'), 0);
      return folder.path;
    });
    expect(existsSync(path)).toBe(false);
    expect(await readdir(outside)).toEqual(['kept']);
  });

  test('what a program has put in the place of a file is not written through', async () => {
    const victim = join(root, 'victim');
    await writeFile(victim, 'untouched');
    await withWorkFolder(async (folder) => {
      await symlink(victim, join(folder.path, 'catalog.json'));
      await mkdir(join(folder.path, 'state.json'));
      const catalog = await folder.write('catalog.json', '{}');
      const state = await folder.write('state.json', '{}');
      expect(await readFile(catalog, 'utf8')).toBe('{}');
      expect(await modeOf(state)).toBe(0o600);
    });
    expect(await readFile(victim, 'utf8')).toBe('untouched');
  });
});

test('the folders of processes that have ended are swept away, those of living ones and all others stay', async () => {
  const own = workFolderPrefix();
  // no process lives that started at the same tick of the clock under this pid
  const dead = own.replace(/-(\d+)-(\d+)-$/, '-4194304-1-');
  const strange = own.replace(/run-\d+-/, 'run-999999999999-');
  const names = [`${own}aaa`, `${dead}bbb`, `${strange}ccc`, 'ivory-run-ddd', 'other'];
  for (const name of names) await mkdir(join(root, name, 'in'), { recursive: true });
  await writeFile(join(root, `${dead}bbb`, 'config.json'), '{}');
  expect(await sweepWorkFolders(root)).toBe(1);
  expect((await readdir(root)).sort()).toEqual(names.filter((name) => !name.startsWith(dead)).sort());
  expect(await sweepWorkFolders(join(root, 'nowhere'))).toBe(0);
});

describe('the size of a folder', () => {
  const always = () => true;

  test('is that of its files on disk, links not followed, each linked file once', async () => {
    await mkdir(join(root, 'sub'));
    await writeFile(join(root, 'sub', 'file'), Buffer.alloc(1_000_000, 1));
    const before = await folderBytes(root, 1e9, always);
    expect(before).toBeGreaterThanOrEqual(1_000_000);
    expect(before).toBeLessThan(1_200_000);
    await symlink('/', join(root, 'everything'));
    expect(await folderBytes(root, 1e9, always)).toBeLessThan(before + 10_000);
  });

  test('is not counted on once it is enough, or no longer wanted', async () => {
    for (let n = 0; n < 100; n++) await writeFile(join(root, `f${n}`), '');
    expect(await folderBytes(root, 40_960, always)).toBe(40_960 + 4_096);
    let asked = 0;
    await folderBytes(root, 1e9, () => ++asked < 5);
    expect(asked).toBe(5);
  });

  test('of one that is not there is nothing', async () => {
    expect(await folderBytes(join(root, 'nowhere'), 1e9, always)).toBe(0);
  });
});
