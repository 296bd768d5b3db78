import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { consumerCheck } from '../../../src/services/health/consumer-check.ts';
import { processCheck } from '../../../src/services/health/process-check.ts';
import { workFolderCheck } from '../../../src/services/health/work-folder-check.ts';

const NEVER = new AbortController().signal;
const codeOf = (asked: Promise<unknown>) =>
  asked.then(
    (warnings) => warnings,
    (error: { code: string }) => error.code,
  );

describe('a worker', () => {
  function worker() {
    let now = 0;
    const seen = { connected: true, running: 0, taken: 0, waiting: 0, paused: false, down: false };
    const check = consumerCheck(
      {
        pool: 'runner',
        concurrency: 2,
        state: () => seen,
        look: async () => {
          if (seen.down) throw new Error('down');
          return seen;
        },
      },
      () => now,
    );
    const ask = () => codeOf(check.ask(NEVER));
    return { seen, check, ask, pass: (ms: number) => (now += ms) };
  }

  test('with a free hand that takes none of the jobs that wait is down, and stuck when it goes on', async () => {
    const { seen, check, ask, pass } = worker();
    await ask();
    seen.waiting = 3;
    expect(await ask()).toEqual([]);
    pass(7_000);
    expect(await ask()).toBe('worker.takes_no_jobs');
    expect(check.isStuck()).toBe(false);
    pass(120_000);
    expect(check.isStuck()).toBe(true);
    seen.taken = 1;
    expect(await ask()).toEqual([]);
    expect(check.isStuck()).toBe(false);
  });

  test.each([
    ['takes them as they come', { taken: 1 }],
    ['has its hands full', { running: 2 }],
    ['is of a paused pool', { paused: true }],
  ])('that %s is up, however many wait', async (_, change) => {
    const { seen, check, ask, pass } = worker();
    seen.waiting = 3;
    for (let nth = 0; nth < 10; nth++) {
      Object.assign(seen, change, 'taken' in change ? { taken: nth } : {});
      expect(await ask()).toEqual(seen.paused ? ['queue.paused'] : []);
      pass(20_000);
    }
    expect(check.isStuck()).toBe(false);
  });

  test('that lost its connection is down', async () => {
    const { seen, ask } = worker();
    seen.connected = false;
    expect(await ask()).toBe('worker.disconnected');
  });

  test('is not blamed for a queue that does not answer', async () => {
    const { seen, check, ask, pass } = worker();
    seen.waiting = 1;
    await ask();
    seen.down = true;
    pass(200_000);
    await ask();
    expect(check.isStuck()).toBe(false);
  });
});

test('a process that stood still is down for a while, then up again', async () => {
  let now = 0;
  const check = processCheck(() => now);
  const ask = () => codeOf(check.ask(NEVER));
  try {
    expect(await ask()).toEqual([]);
    now = 4_000;
    expect(await ask()).toEqual([]);
    now = 12_000;
    expect(await ask()).toBe('process.blocked');
    now = 16_000;
    expect(await ask()).toBe('process.blocked');
    now = 19_000;
    await ask();
    now = 23_000;
    expect(await ask()).toEqual([]);
  } finally {
    await check.close?.();
  }
});

test('a work folder is down when it is gone or full, and warns when it is nearly so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ivory-folder-'));
  const MB = 1024 ** 2;
  const ask = (freeMb: number) =>
    codeOf(workFolderCheck({ folder, freeBytes: async () => freeMb * MB }).ask(NEVER));
  expect(await ask(5_000)).toEqual([]);
  expect(await ask(500)).toEqual(['work_folder.low']);
  expect(await ask(63)).toBe('work_folder.full');
  rmSync(folder, { recursive: true });
  expect(await ask(5_000)).toBe('work_folder.not_writable');
});
