import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withBuildLock } from '../../../src/adapters/runner/plugins/build-lock.ts';

/** Linux numbers processes up to 4,194,304. */
const NOBODY = 99_999_999;

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ivory-lock-'));
  path = join(folder, 'locks', 'tap-tiny');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the lock of a build', () => {
  it('is held by one at a time and leaves nothing behind', async () => {
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${name} ends`);
    };
    await Promise.all(['a', 'b', 'c'].map((name) => withBuildLock(path, patient(), work(name))));
    const names = order.map((line) => line.split(' ')[0]);
    expect(names.filter((name, i) => i % 2 === 0 && names[i + 1] === name)).toHaveLength(3);
    expect(readdirSync(join(folder, 'locks'))).toEqual([]);
  });

  it('is given back when the work fails', async () => {
    await expect(withBuildLock(path, patient(), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(existsSync(path)).toBe(false);
  });

  it('of a process that is no more is taken at once', async () => {
    await hold({ id: 'gone', host: hostname(), pid: NOBODY });
    expect(await withBuildLock(path, patient(), async () => 'built')).toBe('built');
    expect(existsSync(path)).toBe(false);
  });

  it('of a holder without a sign of life is taken, be its number alive or its machine another', async () => {
    for (const holder of [
      { id: 'reused', host: hostname(), pid: process.pid },
      { id: 'far', host: 'another-machine', pid: NOBODY },
    ]) {
      await hold(holder, 60_000);
      expect(await withBuildLock(path, patient(), async () => 'built')).toBe('built');
    }
  });

  it('that nobody can read is taken when it is old', async () => {
    await hold('half', 60_000);
    expect(await withBuildLock(path, patient(), async () => 'built')).toBe('built');
  });

  it('of a living holder is waited for until the one who waits gives up', async () => {
    await hold({ id: 'far', host: 'another-machine', pid: NOBODY });
    const asked = new AbortController();
    const waits = Promise.withResolvers<void>();
    const taken = withBuildLock(path, { signal: asked.signal, onWait: waits.resolve }, async () => 'built');
    await waits.promise;
    asked.abort(new Error('cancelled'));
    await expect(taken).rejects.toThrow('cancelled');
    expect(existsSync(path)).toBe(true);
  });
});

function patient() {
  return { signal: new AbortController().signal, onWait: () => {} };
}

/** Leaves a lock that is `ageMs` old. */
async function hold(holder: unknown, ageMs = 0): Promise<void> {
  await withBuildLock(path, patient(), async () => {});
  writeFileSync(path, JSON.stringify(holder));
  const at = (Date.now() - ageMs) / 1000;
  utimesSync(path, at, at);
}
