import { beforeEach, describe, expect, test } from 'vitest';
import { awaitSync } from '../../../../src/adapters/runner/fivetran/await-sync.ts';
import type { FivetranClient } from '../../../../src/adapters/runner/fivetran/client.ts';
import type { Connection } from '../../../../src/adapters/runner/fivetran/connection.ts';

const T0 = '2026-03-28T12:00:00.000000Z';
const T1 = '2026-03-28T12:05:00.000000Z';
const T2 = '2026-03-28T12:10:00.000000Z';
const NOW = Date.parse(T0);
const POLL_MS = 15_000;

const BEFORE: Connection = {
  service: 'salesforce',
  schema: null,
  paused: false,
  setupState: 'connected',
  syncState: 'scheduled',
  succeededAt: T0,
  failedAt: null,
  rescheduledFor: null,
  tasks: [],
  warnings: [],
};
const SYNCING = { syncState: 'syncing' };
const DONE = { succeededAt: T1 };

let clock: number;
let started: number;
let lines: string[];
let nudge: number | null;
beforeEach(() => {
  clock = NOW;
  started = 0;
  lines = [];
  nudge = null;
});

/** Looks at the given states one after the other, the last of them for ever; time passes only by waiting. */
function watch(states: Partial<Connection>[], options: { joined?: boolean; timeoutMs?: number } = {}) {
  let looks = 0;
  const client: FivetranClient = {
    connection: async () => ({ ...BEFORE, ...states[Math.min(looks++, states.length - 1)] }),
    sync: async () => {
      started += 1;
      return 'started';
    },
    schemas: () => Promise.reject(new Error('not asked here')),
  };
  const ended = awaitSync({
    client,
    before: BEFORE,
    joined: options.joined ?? false,
    pollMs: POLL_MS,
    wait: async (ms) => {
      clock += ms;
    },
    nudge: async () => nudge,
    now: () => clock,
    deadlineMs: NOW + (options.timeoutMs ?? 6 * 3_600_000),
    log: (line) => lines.push(line),
    signal: new AbortController().signal,
  });
  return { ended, looks: () => looks };
}

test('a sync is waited for until its success is newer than the one before', async () => {
  const { ended, looks } = watch([{}, SYNCING, SYNCING, DONE]);
  expect((await ended).succeededAt).toBe(T1);
  expect(looks()).toBe(4);
  expect(lines).toEqual([
    'fivetran: the connection is scheduled',
    'fivetran: syncing',
    'fivetran: succeeded',
  ]);
  expect((clock - NOW) / (3 * POLL_MS)).toBeGreaterThan(0.89);
  expect((clock - NOW) / (3 * POLL_MS)).toBeLessThan(1.11);
});

test('the first success ever counts', async () => {
  const { ended } = watch([{ succeededAt: null }, DONE]);
  await expect(ended).resolves.toMatchObject({ succeededAt: T1 });
});

test('a success counts also when the next sync has begun, or somebody paused the connection since', async () => {
  await expect(watch([{ ...DONE, ...SYNCING }]).ended).resolves.toBeDefined();
  await expect(watch([{ ...DONE, paused: true }]).ended).resolves.toBeDefined();
});

describe('a failure', () => {
  test('is told with the tasks and warnings of Fivetran', async () => {
    const failed = {
      failedAt: T1,
      tasks: [{ code: 'reconnect', message: 'The token has expired' }],
      warnings: [{ code: 'schema', message: 'One table is gone' }],
    };
    await expect(watch([SYNCING, failed]).ended).rejects.toMatchObject({
      code: 'fivetran.sync_failed',
      message:
        'The sync failed at Fivetran. Fivetran says: reconnect: The token has expired; schema: One table is gone',
    });
  });

  test('before a success is over, after one it counts', async () => {
    await expect(watch([{ failedAt: T1, succeededAt: T2 }]).ended).resolves.toBeDefined();
    await expect(watch([{ failedAt: T2, succeededAt: T1 }]).ended).rejects.toMatchObject({
      code: 'fivetran.sync_failed',
    });
  });
});

test.each([
  ['paused while it ran', [SYNCING, { paused: true }], 'fivetran.paused'],
  ['its setup broke', [{}, { setupState: 'broken' }], 'fivetran.setup_broken'],
  ['cancelled at Fivetran', [SYNCING, {}], 'fivetran.sync_cancelled'],
  ['never started', [{}], 'fivetran.sync_not_started'],
  ['a state nobody knows', [{ syncState: 'dreaming' }], 'fivetran.sync_not_started'],
  ['its success vanished', [SYNCING, { succeededAt: null }], 'fivetran.sync_cancelled'],
])('a sync that will not end is given up: %s', async (_, states, code) => {
  await expect(watch(states).ended).rejects.toMatchObject({ code, retry: 'terminal' });
});

test('the state may turn a moment before the times do', async () => {
  const { ended } = watch([SYNCING, {}, {}, DONE]);
  await expect(ended).resolves.toBeDefined();
});

test('a sync that was joined and is over without a result was cancelled', async () => {
  const { ended, looks } = watch([{}], { joined: true });
  await expect(ended).rejects.toMatchObject({ code: 'fivetran.sync_cancelled' });
  expect(looks()).toBe(3);
});

describe('a sync put off', () => {
  const putOff = (rescheduledFor: string | null) => ({ syncState: 'rescheduled', rescheduledFor });

  test('is waited for with few looks, and asked for again when its time has come', async () => {
    const until = '2026-03-28T13:00:00Z';
    const { ended, looks } = watch([...Array.from({ length: 30 }, () => putOff(until)), SYNCING, DONE]);
    await ended;
    expect(started).toBe(1);
    expect(looks()).toBe(32);
    expect(lines[0]).toBe('fivetran: the sync is put off until 2026-03-28T13:00:00Z');
  });

  test('beyond the end of the run fails it at once, and names the time', async () => {
    const { ended, looks } = watch([putOff('2026-03-28T13:00:00Z')], { timeoutMs: 1_800_000 });
    await expect(ended).rejects.toMatchObject({
      code: 'fivetran.rescheduled',
      message: expect.stringContaining('until 2026-03-28T13:00:00Z'),
    });
    expect(looks()).toBe(1);
  });

  test.each([[null], ['2026-03-28T11:00:00Z']])('until %s without an end is given up', async (until) => {
    await expect(watch([putOff(until)]).ended).rejects.toMatchObject({ code: 'fivetran.rescheduled' });
    expect(started).toBe(until === null ? 0 : 1);
  });
});

test('a nudge is followed by a look at once, one nudge by one look', async () => {
  const client: FivetranClient = {
    connection: async () => ({ ...BEFORE, ...(nudge === 7 ? DONE : SYNCING) }),
    sync: async () => 'started',
    schemas: () => Promise.reject(new Error('not asked here')),
  };
  let waited = 0;
  await awaitSync({
    client,
    before: BEFORE,
    joined: false,
    pollMs: POLL_MS,
    wait: async (ms) => {
      waited += ms;
      nudge = 7;
    },
    nudge: async () => nudge,
    now: () => NOW,
    deadlineMs: Number.MAX_SAFE_INTEGER,
    log() {},
    signal: new AbortController().signal,
  });
  expect(waited).toBe(1_000);
});
