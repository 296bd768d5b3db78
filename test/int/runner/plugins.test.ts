import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPluginEnvironments } from '../../../src/adapters/runner/plugins/environments.ts';
import type { PluginEnvironment } from '../../../src/adapters/runner/plugins/plugin.ts';
import { type ScriptedInstaller, scriptInstaller } from '../../harness/scripted-installer.ts';

const TINY = { name: 'tap-tiny', package: 'tap-tiny', requires: [], executable: 'tap-tiny' };
const HOUR_MS = 3600_000;

let installer: ScriptedInstaller;
let lines: string[];
let nowMs: number;

beforeEach(() => {
  installer = scriptInstaller();
  installer.publish('tap-tiny', '1.0');
  lines = [];
  nowMs = Date.now();
});
afterEach(() => installer.remove());

describe('an environment', () => {
  it('is made when first asked for and then found', async () => {
    const environments = open();
    const made = await ensure(environments, '1.0');
    expect(answerOf(made)).toBe('tap-tiny 1.0');
    expect(made).toMatchObject({ python: '/usr', executable: join(made.folder ?? '', 'bin', 'tap-tiny') });
    expect(await ensure(environments, '1.0')).toEqual(made);
    expect(await ensure(open(), '1.0')).toEqual(made);
    expect(installer.installs()).toEqual(['tap-tiny==1.0']);
    expect(installer.drafts()).toEqual([]);
  });

  it('is its own for each version and each set of requirements', async () => {
    installer.publish('tap-tiny', '1.1');
    const environments = open();
    const old = await ensure(environments, '1.0');
    const other = await ensure(environments, '1.1');
    const more = await ensure(environments, '1.1', { ...TINY, requires: ['setuptools<81'] });
    expect([old, other, more].map(answerOf)).toEqual(['tap-tiny 1.0', 'tap-tiny 1.1', 'tap-tiny 1.1']);
    expect(new Set([old.folder, other.folder, more.folder]).size).toBe(3);
  });

  it('that lacks its stamp is never used but made anew', async () => {
    const { folder, executable } = await ensure(open(), '1.0');
    rmSync(join(folder ?? '', 'ivory.json'));
    writeFileSync(executable, '#!/bin/sh\necho half\n');
    const made = await ensure(open(), '1.0');
    expect(made.folder).toBe(folder);
    expect(answerOf(made)).toBe('tap-tiny 1.0');
  });

  it('nobody used for 30 days goes when another is made, one in use stays', async () => {
    installer.publish('tap-tiny', '1.1');
    installer.publish('tap-tiny', '1.2');
    const environments = open();
    const unused = await ensure(environments, '1.0');
    const used = await ensure(environments, '1.1');
    for (const { folder } of [unused, used]) setUsed(folder, nowMs - 31 * 24 * HOUR_MS);
    await ensure(environments, '1.1');
    await ensure(environments, '1.2');
    expect(existsSync(unused.folder ?? '')).toBe(false);
    expect(answerOf(used)).toBe('tap-tiny 1.1');
    expect(lines.at(-1)).toMatch(/removed environments nobody used for 30 days: tap-tiny-1\.0-/);
  });

  it('of a program of this machine is that program', async () => {
    const own = { name: 'tap-own', package: null, requires: [], executable: '/opt/tap-own' };
    expect(await ensure(open(), null, own)).toEqual({
      executable: '/opt/tap-own',
      folder: null,
      python: null,
    });
  });

  it('gets an installer that sees nothing but what it was given and where to keep its files', async () => {
    const given = { PATH: '/usr/bin:/bin', PIP_INDEX_URL: 'https://index.invalid/simple' };
    await ensure(createPluginEnvironments({ ...installer.options, installerEnvironment: given }), '1.0');
    const names = new Set(installer.environments().flatMap((seen) => Object.keys(seen)));
    for (const shells of ['PWD', 'SHLVL', '_', 'OLDPWD', 'IVORY_CHILD']) names.delete(shells);
    const own = ['UV_CACHE_DIR', 'UV_NO_PROGRESS', 'UV_PYTHON_DOWNLOADS', 'TMPDIR'];
    expect([...names].sort()).toEqual(['PATH', 'PIP_INDEX_URL', ...own, 'UV_DEFAULT_INDEX'].sort());
  });

  it('is filled with temporary files in its draft, which go before it is published', async () => {
    const given = { PATH: '/usr/bin:/bin', TMPDIR: '/nowhere' };
    const environments = createPluginEnvironments({ ...installer.options, installerEnvironment: given });
    const { folder } = await ensure(environments, '1.0');
    const drafts = join(installer.options.folder, '.building');
    const used = installer.environments().map(({ TMPDIR = '' }) => TMPDIR);
    expect(used.filter((path) => dirname(dirname(path)) === drafts)).toHaveLength(1);
    expect(existsSync(join(folder ?? '', '.tmp'))).toBe(false);
  });
});

describe('what cannot be installed', () => {
  it('a version the index does not have is told as such', async () => {
    await expect(ensure(open(), '9.9')).rejects.toMatchObject({
      code: 'plugin.version_unknown',
      retry: 'terminal',
      message: expect.stringContaining('tap-tiny has no version 9.9'),
    });
    expect(installer.folders()).toEqual([]);
    expect(installer.drafts()).toEqual([]);
  });

  it('a text that is no version never reaches the installer', async () => {
    await expect(ensure(open(), '../../etc')).rejects.toMatchObject({ code: 'plugin.version_unknown' });
    await expect(ensure(open(), '1.0 --index-url=x')).rejects.toMatchObject({
      code: 'plugin.version_unknown',
    });
    expect(installer.installs()).toEqual([]);
  });

  it('an index that is down may be asked again, and no login is told', async () => {
    installer.setDown(true);
    const failed = await ensure(open(), '1.0').catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'plugin.registry_unavailable', retry: 'transient' });
    expect(String(failed)).not.toMatch(/reader|pa55word/);
    installer.setDown(false);
    expect(answerOf(await ensure(open(), '1.0'))).toBe('tap-tiny 1.0');
  });

  it('a package that does not build is told with the last words of the installer', async () => {
    installer.breakWith('long\nstory\nerror: no C compiler');
    await expect(ensure(open(), '1.0')).rejects.toMatchObject({
      code: 'plugin.install_failed',
      retry: 'terminal',
      message: expect.stringContaining('error: no C compiler'),
    });
  });

  it('a package without the program is told with those it has', async () => {
    const wrong = { ...TINY, executable: 'tap-small' };
    await expect(ensure(open(), '1.0', wrong)).rejects.toMatchObject({
      code: 'plugin.install_failed',
      message: expect.stringMatching(/no program "tap-small".* It has tap-tiny/),
    });
  });

  it('a machine without Python is told what to install', async () => {
    const environments = createPluginEnvironments({ ...installer.options, python: '/nowhere/python3' });
    await expect(ensure(environments, '1.0')).rejects.toMatchObject({
      code: 'plugin.no_python',
      retry: 'transient',
      message: expect.stringMatching(/nowhere.*apt-get install python3 python3-venv/),
    });
  });

  it('a Python that can make no environment is told what it lacks', async () => {
    const environments = createPluginEnvironments({ ...installer.options, uv: undefined });
    await expect(ensure(environments, '1.0')).rejects.toMatchObject({
      code: 'plugin.no_python',
      message: expect.stringMatching(/neither venv nor pip/),
    });
  });
});

describe('the newest version', () => {
  it('stays the newest for a day, then the newer one is made beside it', async () => {
    const environments = open();
    const old = await ensure(environments, null);
    installer.publish('tap-tiny', '2.0');
    nowMs += 23 * HOUR_MS;
    expect(await ensure(environments, null)).toEqual(old);
    nowMs += 2 * HOUR_MS;
    expect(answerOf(await ensure(environments, null))).toBe('tap-tiny 2.0');
    expect(answerOf(old)).toBe('tap-tiny 1.0');
    expect(await ensure(environments, '1.0')).toEqual(old);
    expect(installer.installs()).toEqual(['tap-tiny==1.0', 'tap-tiny==2.0']);
  });

  it('that is installed goes on while the index is down, and the log says so', async () => {
    const environments = open();
    const old = await ensure(environments, null);
    installer.publish('tap-tiny', '2.0');
    installer.setDown(true);
    nowMs += 25 * HOUR_MS;
    expect(await ensure(environments, null)).toEqual(old);
    expect(lines.at(-1)).toMatch(/tap-tiny stays at 1\.0.*cannot be reached/);
    installer.setDown(false);
    expect(await ensure(environments, null)).toEqual(old);
    nowMs += HOUR_MS;
    expect(answerOf(await ensure(environments, null))).toBe('tap-tiny 2.0');
  });

  it('that does not install leaves the old one at work', async () => {
    const environments = open();
    const old = await ensure(environments, null);
    installer.publish('tap-tiny', '2.0');
    installer.breakWith('error: no C compiler');
    nowMs += 25 * HOUR_MS;
    expect(await ensure(environments, null)).toEqual(old);
    expect(lines.at(-1)).toMatch(/tap-tiny stays at 1\.0.*no C compiler/);
  });

  it('with no index and nothing installed cannot be had', async () => {
    installer.setDown(true);
    await expect(ensure(open(), null)).rejects.toMatchObject({ code: 'plugin.registry_unavailable' });
  });
});

function open() {
  return createPluginEnvironments({ ...installer.options, now: () => nowMs });
}

type Environments = ReturnType<typeof createPluginEnvironments>;

function ensure(environments: Environments, version: string | null, plugin: PluginOf = TINY) {
  const request = { plugin, version, log: (line: string) => void lines.push(line) };
  return environments.ensure(request, new AbortController().signal);
}

type PluginOf = Parameters<Environments['ensure']>[0]['plugin'];

function answerOf({ executable }: PluginEnvironment): string {
  return execFileSync(executable, { encoding: 'utf8' }).trim();
}

function setUsed(folder: string | null, atMs: number): void {
  utimesSync(join(folder ?? '', 'ivory.json'), atMs / 1000, atMs / 1000);
}
