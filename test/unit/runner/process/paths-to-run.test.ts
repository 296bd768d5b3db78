import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findProgram } from '../../../../src/adapters/runner/process/find-program.ts';
import { pathsToRun } from '../../../../src/adapters/runner/process/paths-to-run.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ivory-paths-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function file(path: string, text = '', mode = 0o755): Promise<string> {
  const full = join(root, path);
  await mkdir(dirname(full), { recursive: true });
  await writeFile(full, text, { mode });
  return full;
}

async function link(path: string, target: string): Promise<string> {
  const full = join(root, path);
  await mkdir(dirname(full), { recursive: true });
  await symlink(target, full);
  return full;
}

test('a program in an environment of Python needs the environment and the Python it was made from, through every link', async () => {
  await file('real/python/bin/python3.12');
  await mkdir(join(root, 'real/python/lib'), { recursive: true });
  await link('local/bin/python3', join(root, 'real/python/bin/python3.12'));
  await link('venv/bin/python', join(root, 'local/bin/python3'));
  await file('venv/pyvenv.cfg', `home = ${join(root, 'local/bin')}\nversion = 3.12\n`);
  const tap = await file('venv/bin/tap-x', `#!${join(root, 'venv/bin/python')}\n`);
  const paths = pathsToRun([tap], '/usr/bin');
  for (const path of ['venv', 'venv/bin', 'local/bin', 'real/python/bin', 'real/python/lib'])
    expect(paths).toContain(join(root, path));
});

test('a script of Node needs its folder, its packages and its manifest', async () => {
  await file('project/package.json', '{}');
  await mkdir(join(root, 'project/node_modules'));
  const script = await file('project/src/tap.mjs');
  const paths = pathsToRun([process.execPath, script, '--flag', '/nowhere'], '/usr/bin');
  for (const path of ['project/src', 'project/node_modules', 'project/package.json'])
    expect(paths).toContain(join(root, path));
  expect(paths).toContain(dirname(process.execPath));
  expect(paths).not.toContain(join(root, 'project'));
  expect(paths).not.toContain('/nowhere');
});

test('an interpreter named by env is looked for on the PATH', async () => {
  await file('tools/ruby');
  const tap = await file('taps/tap-y', '#!/usr/bin/env ruby\n');
  expect(pathsToRun([tap], join(root, 'tools'))).toEqual(
    expect.arrayContaining([join(root, 'taps'), join(root, 'tools')]),
  );
});

test('links that lead in a circle, and files that cannot be read, are no trouble', async () => {
  await link('a', join(root, 'b'));
  await link('b', join(root, 'a'));
  expect(pathsToRun([join(root, 'a')], '/usr/bin')).toEqual([]);
  expect(pathsToRun([], undefined)).toEqual([]);
});

test('no home, nor another wide folder, is opened for one program in it', () => {
  const wide = ['/', '/etc', '/home', '/root', '/tmp', '/opt', homedir()];
  const paths = pathsToRun([process.execPath, '/etc/hosts', '/usr/bin/env'], '/usr/bin');
  expect(paths.filter((path) => wide.includes(path))).toEqual([]);
});

test('a program is found by its path or on the PATH, and only where it may be run', async () => {
  const tap = await file('bin/tap');
  await file('bin/text', '', 0o644);
  await mkdir(join(root, 'bin/folder'));
  const path = `/nowhere:${join(root, 'bin')}`;
  expect(findProgram('tap', path)).toBe(tap);
  expect(findProgram(tap, undefined)).toBe(tap);
  for (const name of ['text', 'folder', 'none']) expect(findProgram(name, path)).toBeNull();
  expect(findProgram('tap', undefined)).toBeNull();
});
