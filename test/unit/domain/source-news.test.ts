import { describe, expect, test } from 'vitest';
import { answerNews, type NewsContext, type SourceEvent } from '../../../src/domain/source-news.ts';

const at = (time: string) => new Date(`2026-03-28T${time}Z`);
const EVENT: SourceEvent = {
  name: 'sync_end',
  createdAt: at('12:00:01'),
  schema: 'etl_staging_x_1',
  succeeded: true,
};
const KNOWN: NewsContext = {
  now: at('12:00:02'),
  status: 'active',
  stagingSchema: 'etl_staging_x_1',
  lastNudgeAt: at('11:00:00'),
  takenUpTo: at('11:00:00'),
  unfinished: null,
};
const RUNNING = { status: 'running', trigger: 'schedule' } as const;

const answer = (event: Partial<SourceEvent> = {}, known: Partial<NewsContext> = {}) =>
  answerNews({ ...EVENT, ...event }, { ...KNOWN, ...known });

test('a sync that ended well makes a run', () => {
  expect(answer()).toEqual({ do: 'run' });
  expect(answer({ schema: null }, { lastNudgeAt: null, takenUpTo: null })).toEqual({ do: 'run' });
});

test('a run that waits is nudged, also for a failure and when the connector was paused since', () => {
  expect(answer({ succeeded: false }, { unfinished: RUNNING, status: 'paused' })).toEqual({ do: 'nudge' });
  expect(answer({}, { unfinished: { ...RUNNING, status: 'queued' } })).toEqual({ do: 'nudge' });
});

test('a run that is loading, or loads rejected rows again, is followed by another one', () => {
  expect(answer({}, { unfinished: { ...RUNNING, status: 'loading' } })).toEqual({ do: 'run' });
  expect(answer({}, { unfinished: { status: 'loading', trigger: 'replay' } })).toEqual({ do: 'run' });
});

test('a sync that ends within the minute after one that was taken up, and told of, makes a run', () => {
  const taken = { takenUpTo: at('11:59:30') };
  expect(answer({}, { ...taken, lastNudgeAt: at('11:59:31') })).toEqual({ do: 'run' });
  expect(answer({}, { ...taken, takenUpTo: at('11:59:30.900'), lastNudgeAt: at('11:59:30') })).toEqual({
    do: 'run',
  });
  expect(answer({}, { ...taken, lastNudgeAt: at('11:59:00') })).toEqual({
    do: 'nothing',
    reason: 'taken_up',
  });
});

describe('nothing is done for', () => {
  test.each([
    ['another event', { name: 'sync_start' }, {}, 'event_not_followed'],
    ['another connection of the group', { schema: 'crm' }, {}, 'other_connection'],
    ['an event without a time', { createdAt: null }, {}, 'no_time'],
    ['a time far ahead', { createdAt: new Date('2026-03-30T00:00:00Z') }, {}, 'no_time'],
    ['a time before all computers', { createdAt: new Date('0001-01-01T00:00:00Z') }, {}, 'no_time'],
    ['the same event again', {}, { lastNudgeAt: at('12:00:01') }, 'seen_before'],
    ['an older event', {}, { lastNudgeAt: at('12:30:00'), unfinished: RUNNING }, 'seen_before'],
    ['a failure nobody waits for', { succeeded: false }, {}, 'sync_failed'],
    ['what a poll took up just before', {}, { takenUpTo: at('12:00:00') }, 'taken_up'],
    ['a paused connector', {}, { status: 'paused' }, 'connector_paused'],
    ['a connector in error', {}, { status: 'error' }, 'connector_in_error'],
  ] as const)('%s', (_, event, known, reason) => {
    expect(answer(event, known)).toEqual({ do: 'nothing', reason });
  });
});
