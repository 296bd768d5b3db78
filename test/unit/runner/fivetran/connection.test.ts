import { describe, expect, test } from 'vitest';
import { isAfter, noticesOf, readConnection } from '../../../../src/adapters/runner/fivetran/connection.ts';

const STATUS = { setup_state: 'connected', sync_state: 'scheduled', tasks: [], warnings: [] };
const answer = (data: unknown) => ({ code: 'Success', data });

test('the documented answer is read', () => {
  const read = readConnection(
    answer({
      id: 'speak_inexpensive',
      service: 'criteo',
      schema: 'criteo',
      paused: true,
      succeeded_at: null,
      failed_at: '2018-12-01T15:43:29.013729Z',
      status: {
        ...STATUS,
        setup_state: 'incomplete',
        tasks: [{ code: 'reconnect', message: 'The token has expired', details: 'x' }],
      },
    }),
  );
  expect(read).toEqual({
    service: 'criteo',
    schema: 'criteo',
    paused: true,
    setupState: 'incomplete',
    syncState: 'scheduled',
    succeededAt: null,
    failedAt: '2018-12-01T15:43:29.013729Z',
    rescheduledFor: null,
    tasks: [{ code: 'reconnect', message: 'The token has expired' }],
    warnings: [],
  });
});

describe('an answer that lies', () => {
  test.each([
    undefined,
    null,
    [],
    'Success',
    {},
    answer(null),
    answer({}),
    answer({ status: {} }),
    answer({ status: { sync_state: 'scheduled' } }),
    answer({ status: { setup_state: 'connected', sync_state: 7 } }),
  ])('%j says nothing of a connection', (json) => {
    expect(readConnection(json)).toBeNull();
  });

  test('about times, notices and names has none', () => {
    const read = readConnection(
      answer({
        service: 7,
        schema: 'x'.repeat(10_000),
        paused: 'perhaps',
        succeeded_at: 'yesterday-ish',
        failed_at: 12,
        status: { ...STATUS, rescheduled_for: {}, tasks: 'many', warnings: [7, { code: 1, message: 'm' }] },
      }),
    );
    expect(read).toMatchObject({
      service: null,
      schema: null,
      paused: false,
      succeededAt: null,
      failedAt: null,
      rescheduledFor: null,
      tasks: [],
    });
    expect(read && noticesOf(read)).toBe('unknown; unknown: m');
  });
});

test('notices are one line of bounded length, each once', () => {
  const read = readConnection(
    answer({
      status: {
        ...STATUS,
        tasks: [
          { code: 'a', message: 'one\n two\u0000' },
          { code: 'a', message: 'one\n two\u0000' },
          { code: 'b', message: 'y'.repeat(5_000) },
        ],
      },
    }),
  );
  const words = read ? noticesOf(read) : '';
  expect(words.slice(0, 14)).toBe('a: one two ; b');
  expect(words).toHaveLength(2_000);
});

test.each([
  ['2026-03-28T12:00:00Z', null, true],
  [null, null, false],
  [null, '2026-03-28T12:00:00Z', false],
  ['2026-03-28T12:00:00Z', '2026-03-28T12:00:00Z', false],
  ['2026-03-28T12:00:00.000002Z', '2026-03-28T12:00:00.000001Z', true],
  ['2026-03-28T12:00:01Z', '2026-03-28T12:00:00Z', true],
  ['2026-03-28T12:00:00Z', '2026-03-28T12:00:01Z', false],
])('%s after %s: %s', (time, before, after) => {
  expect(isAfter(time, before)).toBe(after);
});
