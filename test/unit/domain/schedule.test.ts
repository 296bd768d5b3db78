import { describe, expect, test } from 'vitest';
import { assertSchedule, nextSlot, previewSlots } from '../../../src/domain/schedule.ts';
import { AppError } from '../../../src/errors.ts';

const NOW = new Date('2026-03-28T12:00:00Z');

function preview(expression: string, timezone: string, after: string, count = 3): string[] {
  return previewSlots(expression, timezone, new Date(after), count).map((slot) =>
    slot.toISOString().replace('.000', ''),
  );
}

function codeOf(expression: string, timezone = 'UTC'): string {
  try {
    assertSchedule(expression, timezone, NOW);
    return 'accepted';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

describe('expressions', () => {
  test.each([
    ['0 */6 * * *', 'UTC', ['2026-03-28T18:00:00Z', '2026-03-29T00:00:00Z']],
    ['0 2 * * *', 'Asia/Tokyo', ['2026-03-28T17:00:00Z', '2026-03-29T17:00:00Z']],
    ['15 30 4 * * *', 'UTC', ['2026-03-29T04:30:15Z', '2026-03-30T04:30:15Z']],
    ['0 0 * JAN-FEB MON', 'UTC', ['2027-01-04T00:00:00Z', '2027-01-11T00:00:00Z']],
    ['5-10/5 1,3 * * *', 'UTC', ['2026-03-29T01:05:00Z', '2026-03-29T01:10:00Z']],
    ['0 0 L * *', 'Europe/Berlin', ['2026-03-30T22:00:00Z', '2026-04-29T22:00:00Z']],
    ['0 0 * * 5L', 'UTC', ['2026-04-24T00:00:00Z', '2026-05-29T00:00:00Z']],
    ['0 0 29 2 *', 'UTC', ['2028-02-29T00:00:00Z', '2032-02-29T00:00:00Z']],
    ['@daily', 'UTC', ['2026-03-29T00:00:00Z', '2026-03-30T00:00:00Z']],
  ])('%s in %s fires at its next times', (expression, timezone, expected) => {
    expect(codeOf(expression, timezone)).toBe('accepted');
    expect(preview(expression, timezone, NOW.toISOString(), 2)).toEqual(expected);
  });

  test('a slot is strictly after the time asked from', () => {
    expect(nextSlot('0 12 * * *', 'UTC', NOW).toISOString()).toBe('2026-03-29T12:00:00.000Z');
    expect(nextSlot('0 12 * * *', 'UTC', new Date(NOW.getTime() - 1)).toISOString()).toBe(
      '2026-03-28T12:00:00.000Z',
    );
  });

  test.each([
    ['', 'schedule.invalid'],
    ['* *', 'schedule.invalid'],
    ['* * * * * * *', 'schedule.invalid'],
    ['60 * * * *', 'schedule.invalid'],
    ['a * * * *', 'schedule.invalid'],
    ['0 0 * * 8', 'schedule.invalid'],
    ['*/0 * * * *', 'schedule.invalid'],
    ['H * * * *', 'schedule.invalid'],
    ['H(0-5) * * * *', 'schedule.invalid'],
    ['@secondly', 'schedule.invalid'],
    [`0 0 ${'1,'.repeat(200)}1 * *`, 'schedule.invalid'],
    ['0 0 30 2 *', 'schedule.never_fires'],
    ['0 0 31 4,6 *', 'schedule.never_fires'],
    ['*/10 * * * * *', 'schedule.too_frequent'],
    ['0,30 0 0 * * *', 'schedule.too_frequent'],
    ['* * * * * *', 'schedule.too_frequent'],
    ['* * * * *', 'accepted'],
    ['30 * * * * *', 'accepted'],
  ])('"%s" is %s', (expression, code) => {
    expect(codeOf(expression)).toBe(code);
  });

  test.each(['Mars/Phobos', '+02:00', '', 'GMT+2', 'Europe/Berlin; drop'])(
    'the time zone "%s" is refused',
    (timezone) => {
      expect(codeOf('0 2 * * *', timezone)).toBe('schedule.timezone_unknown');
    },
  );

  test('the refusal names the field and the reason', () => {
    expect(() => assertSchedule('61 * * * *', 'UTC', NOW)).toThrowError(/61 .*refused.*0-59/);
  });
});

describe('daylight saving', () => {
  test.each([
    [
      'the default hour',
      '0 2 * * *',
      'America/New_York',
      '2026-03-07T12:00:00Z',
      ['2026-03-08T07:00:00Z', '2026-03-09T06:00:00Z'],
    ],
    [
      'half past',
      '30 2 * * *',
      'America/New_York',
      '2026-03-07T12:00:00Z',
      ['2026-03-08T07:00:00Z', '2026-03-09T06:30:00Z'],
    ],
    [
      'several slots in the gap',
      '*/15 2 * * *',
      'America/New_York',
      '2026-03-08T00:00:00Z',
      ['2026-03-08T07:00:00Z', '2026-03-09T06:00:00Z'],
    ],
    [
      'the hour before and after',
      '0 2,3 * * *',
      'America/New_York',
      '2026-03-08T00:00:00Z',
      ['2026-03-08T07:00:00Z', '2026-03-09T06:00:00Z'],
    ],
    [
      'a gap at midnight',
      '0 0 * * *',
      'America/Santiago',
      '2026-09-05T12:00:00Z',
      ['2026-09-06T04:00:00Z', '2026-09-07T03:00:00Z'],
    ],
    [
      'a gap of half an hour',
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T00:00:00Z',
      ['2026-10-03T15:30:00Z', '2026-10-04T15:15:00Z'],
    ],
    [
      'a zone that skipped a whole day',
      '0 5 * * *',
      'Pacific/Apia',
      '2011-12-29T20:00:00Z',
      ['2011-12-30T10:00:00Z', '2011-12-30T15:00:00Z'],
    ],
  ])('a gap makes exactly one run: %s', (_name, expression, timezone, after, expected) => {
    expect(preview(expression, timezone, after, 2)).toEqual(expected);
  });

  test.each([
    ['from before', '2026-10-31T12:00:00Z', ['2026-11-01T05:30:00Z', '2026-11-02T06:30:00Z']],
    ['from the first time', '2026-11-01T05:30:00Z', ['2026-11-02T06:30:00Z', '2026-11-03T06:30:00Z']],
    ['from between', '2026-11-01T06:05:00Z', ['2026-11-02T06:30:00Z', '2026-11-03T06:30:00Z']],
  ])('an overlap makes exactly one run: %s', (_name, after, expected) => {
    expect(preview('30 1 * * *', 'America/New_York', after, 2)).toEqual(expected);
  });

  test('an overlap of half an hour makes exactly one run', () => {
    expect(preview('45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T14:50:00Z', 1)).toEqual([
      '2026-04-05T15:15:00Z',
    ]);
  });

  test('a schedule of every hour keeps its distance through an overlap', () => {
    expect(preview('0 * * * *', 'America/New_York', '2026-11-01T04:30:00Z', 3)).toEqual([
      '2026-11-01T05:00:00Z',
      '2026-11-01T06:00:00Z',
      '2026-11-01T07:00:00Z',
    ]);
  });
});
