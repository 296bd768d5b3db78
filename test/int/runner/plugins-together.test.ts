import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPluginEnvironments } from '../../../src/adapters/runner/plugins/environments.ts';
import { type ScriptedInstaller, scriptInstaller } from '../../harness/scripted-installer.ts';
import { until } from '../../harness/until.ts';

const ENSURE = fileURLToPath(new URL('../../harness/ensure-plugin.ts', import.meta.url));
const TINY = { name: 'tap-tiny', package: 'tap-tiny', requires: [], executable: 'tap-tiny' };
const ONCE = ['tap-tiny==1.0'];
const TWICE = [...ONCE, ...ONCE];

let installer: ScriptedInstaller;
let children: ReturnType<typeof ask>[];

beforeEach(() => {
  installer = scriptInstaller();
  installer.publish('tap-tiny', '1.0');
  installer.hold();
  children = [];
});
afterEach(async () => {
  for (const child of children) await child.end();
  installer.remove();
});

describe('an environment that many want at the same time', () => {
  it('is made once when five runs of one process ask', async () => {
    const environments = open();
    const asked = [1, 2, 3, 4, 5].map(() => ensure(environments));
    await installer.holding();
    installer.release();
    const made = await Promise.all(asked);
    expect(new Set(made.map(({ executable }) => executable)).size).toBe(1);
    expect(installer.installs()).toEqual(ONCE);
  });

  it('is made once when two processes ask', async () => {
    const asked = [start(), start()];
    await installer.holding();
    await until('the other waits', () => asked.some(({ log }) => log().includes('waiting for it')));
    installer.release();
    const [one, other] = await Promise.all(asked.map(({ answer }) => answer));
    expect(one).toMatch(/\/bin\/tap-tiny$/);
    expect(other).toBe(one);
    expect(installer.installs()).toEqual(ONCE);
  });

  it('is made by the next when its builder is killed in the middle, whose half is gone', async () => {
    const builder = start();
    await installer.holding();
    const waiting = start();
    await until('the other waits', () => waiting.log().includes('waiting for it'));
    await builder.end();
    await until('the next one builds', () => installer.installs().length === 2);
    installer.release();
    expect(await waiting.answer).toMatch(/\/bin\/tap-tiny$/);
    expect(installer.installs()).toEqual(TWICE);
    await until('no half is left', () => installer.drafts().length === 0);
    expect(installer.folders()).toHaveLength(1);
  });

  it('goes on being made when one of those who wait is cancelled', async () => {
    const environments = open();
    const cancelled = new AbortController();
    const one = ensure(environments, cancelled.signal);
    const others = [ensure(environments), ensure(environments)];
    await installer.holding();
    cancelled.abort(new Error('cancelled by its tenant'));
    await expect(one).rejects.toThrow('cancelled by its tenant');
    installer.release();
    await Promise.all(others);
    expect(installer.installs()).toEqual(ONCE);
  });

  it('is given up with its processes when the last of those who wait is cancelled, and made when asked for again', async () => {
    const environments = open();
    const cancelled = new AbortController();
    const both = [ensure(environments, cancelled.signal), ensure(environments, cancelled.signal)];
    const pid = await installer.holding();
    cancelled.abort(new Error('cancelled by its tenant'));
    const again = ensure(environments);
    for (const asked of both) await expect(asked).rejects.toThrow('cancelled by its tenant');
    expect(isAlive(pid)).toBe(false);
    installer.release();
    await again;
    expect(installer.installs()).toEqual(TWICE);
    expect(installer.drafts()).toEqual([]);
  });

  it('fails for all who wait, and is tried again for the next', async () => {
    installer.breakWith('error: no C compiler');
    const environments = open();
    const asked = [ensure(environments), ensure(environments)];
    await installer.holding();
    installer.release();
    for (const one of asked) await expect(one).rejects.toMatchObject({ code: 'plugin.install_failed' });
    expect(installer.installs()).toEqual(ONCE);
    await expect(ensure(environments)).rejects.toMatchObject({ code: 'plugin.install_failed' });
    expect(installer.installs()).toEqual(TWICE);
  });
});

function open() {
  return createPluginEnvironments(installer.options);
}

function ensure(environments: ReturnType<typeof open>, signal: AbortSignal = new AbortController().signal) {
  return environments.ensure({ plugin: TINY, version: '1.0', log: () => {} }, signal);
}

function start() {
  const child = ask(installer);
  children.push(child);
  return child;
}

/** Another process that asks for the environment. */
function ask({ options }: ScriptedInstaller) {
  const child = spawn(process.execPath, [ENSURE, JSON.stringify(options), 'tap-tiny', '1.0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const closed = once(child, 'close');
  return {
    log: () => stderr,
    answer: closed.then(() => stdout.trim()),
    async end() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
