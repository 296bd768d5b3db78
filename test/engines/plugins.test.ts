import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPluginEnvironments } from '../../src/adapters/runner/plugins/environments.ts';
import { ensureMeltano } from '../../src/adapters/runner/plugins/meltano.ts';
import type { EnvironmentRequest, PluginEnvironments } from '../../src/adapters/runner/plugins/plugin.ts';
import { createPluginRegistry } from '../../src/adapters/runner/plugins/registry.ts';
import { engines } from '../harness/engines.ts';
import { publishWheel } from '../harness/wheel.ts';

const signal = new AbortController().signal;
const TINY = { name: 'tap-tiny', package: 'ivory-tap-tiny', requires: [], executable: 'tap-tiny' };

describe.skipIf(!engines.hasPlugins())('what make engines installed', () => {
  it('answers: tap-postgres from PyPI in the version that was pinned', async () => {
    const plugin = createPluginRegistry({ protocol: 'singer', tapsFile: undefined }).get('tap-postgres');
    const { executable } = await engines.plugins().ensure({ plugin, version: '0.10.0', log }, signal);
    expect(run(executable, '--version')).toContain('0.10.0');
  });

  it('answers: source-faker, an Airbyte source from PyPI', async () => {
    const plugin = createPluginRegistry({ protocol: 'airbyte', tapsFile: undefined }).get('source-faker');
    const { executable } = await engines.plugins().ensure({ plugin, version: '7.2.1', log }, signal);
    expect(run(executable, 'spec')).toContain('"SPEC"');
  });

  it('answers: Meltano', async () => {
    const { executable } = await ensureMeltano(engines.plugins(), { log, signal });
    expect(run(executable, '--version')).toMatch(/meltano, version 4\.4\./);
  });
});

/** A real installer on a folder of packages: no network is asked. */
describe.skipIf(!engines.hasPlugins())('a folder of packages as the index', () => {
  let folder: string;
  let wheels: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ivory-wheels-'));
    wheels = join(folder, 'wheels');
    engines.lendInstaller(join(folder, 'plugins'));
    publishWheel(wheels, { package: 'ivory-tap-tiny', version: '1.0', program: 'tap-tiny' });
    publishWheel(wheels, { package: 'ivory-tap-tiny', version: '1.1', program: 'tap-tiny' });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const open = (more: Record<string, string> = { PIP_NO_INDEX: '1' }) =>
    createPluginEnvironments({
      folder: join(folder, 'plugins'),
      python: process.env['PYTHON'] ?? 'python3',
      installerEnvironment: {
        PATH: process.env['PATH'] ?? '',
        HOME: folder,
        PIP_FIND_LINKS: wheels,
        ...more,
      },
    });

  it('gives the version asked for, and the newest where none is', async () => {
    const environments = open();
    const pinned = await ensure(environments, '1.0');
    const newest = await ensure(environments, null);
    expect(run(pinned.executable)).toBe('ivory-tap-tiny 1.0');
    expect(run(newest.executable)).toBe('ivory-tap-tiny 1.1');
    expect(await ensure(open(), null)).toEqual(newest);
  });

  it('names the versions there are when it is asked for another', async () => {
    await expect(ensure(open(), '9.9')).rejects.toMatchObject({
      code: 'plugin.version_unknown',
      message: expect.stringMatching(/tap-tiny has no version 9\.9 .*There are 1\.1, 1\.0\./),
    });
  });

  it('a package that is nowhere is no version that is missing', async () => {
    const nowhere = { ...TINY, name: 'tap-nowhere', package: 'ivory-tap-nowhere' };
    await expect(ensure(open(), null, nowhere)).rejects.toMatchObject({ code: 'plugin.install_failed' });
  });

  it('an index nobody answers at is told as such', async () => {
    const unreachable = open({ PIP_INDEX_URL: 'http://127.0.0.1:9/simple', UV_HTTP_RETRIES: '0' });
    const other = { ...TINY, name: 'tap-other', package: 'ivory-tap-other' };
    await expect(ensure(unreachable, '1.0', other)).rejects.toMatchObject({
      code: 'plugin.registry_unavailable',
      retry: 'transient',
    });
  });
});

function ensure(
  environments: PluginEnvironments,
  version: string | null,
  plugin: EnvironmentRequest['plugin'] = TINY,
) {
  return environments.ensure({ plugin, version, log }, signal);
}

function run(executable: string, ...args: string[]): string {
  const env = { PATH: '/usr/bin:/bin', HOME: '/nonexistent' };
  return execFileSync(executable, args, { encoding: 'utf8', env }).trim();
}

function log(): void {}
