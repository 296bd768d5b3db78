import fc from 'fast-check';
import { expect, test } from 'vitest';
import { daysOf, instantOf } from '../../../../src/adapters/lakehouse/stage/parquet/calendar.ts';

const DAY_MS = 86_400_000;
/** Meets every day of a year within 400 of them. */
const STEP = 19;

test('days from 0001 to 9999 have the numbers JavaScript’s proleptic calendar gives them', () => {
  const end = Date.parse('9999-12-31T00:00:00Z') / DAY_MS;
  for (let day = Date.parse('0001-01-01T00:00:00Z') / DAY_MS; day <= end; day += STEP) {
    const text = new Date(day * DAY_MS).toISOString().slice(0, 10);
    if (daysOf(text) !== day) expect.fail(`${text}: ${daysOf(text)} instead of ${day}`);
  }
});

test.each([
  ['1970-01-01T00:00:00Z', 0, 0],
  ['1969-12-31T23:59:59.999999Z', -1, 999_999],
  ['2024-02-29T12:34:56.5', 1_709_210_096, 500_000],
  ['2024-02-29 12:34:56', 1_709_210_096, 0],
  ['2024-02-29T14:34:56.000001+02:00', 1_709_210_096, 1],
  ['2024-02-29T12:34:56.1234560Z', 1_709_210_096, 123_456],
  ['2024-02-29', 1_709_164_800, 0],
  ['0001-01-01T00:00:00', -62_135_596_800, 0],
  ['9999-12-31T23:59:59.999999Z', 253_402_300_799, 999_999],
])('%s is %i s and %i µs', (text, seconds, microseconds) => {
  expect(instantOf(text)).toEqual({ seconds, microseconds });
});

test('any instant of JavaScript is read to the millisecond', () => {
  const min = new Date('0001-01-01T00:00:00Z');
  const max = new Date('9999-12-31T23:59:59.999Z');
  fc.assert(
    fc.property(fc.date({ min, max, noInvalidDate: true }), (date) => {
      const instant = instantOf(date.toISOString());
      expect(instant && instant.seconds * 1000 + instant.microseconds / 1000).toBe(date.getTime());
    }),
  );
});

test.each([
  '2023-02-29',
  '1900-02-29',
  '2024-00-10',
  '2024-13-01',
  '2024-04-31',
  '2024-1-01',
  '20240101',
  '2024-01-0x',
  '2024-01-01T',
  '',
])('%j is no day', (text) => {
  expect(daysOf(text)).toBeNull();
});

test.each([
  '2024-01-01T24:00:00',
  '2024-01-01T12:60:00',
  '2024-01-01T12:00:60Z',
  '2024-01-01T12:00:00.Z',
  '2024-01-01T12:00:00.12x',
  '2024-01-01T12:00:00.1234567',
  '2024-01-01T12-00-00',
  '2024-02-30T12:00:00Z',
  '10000-01-01T00:00:00Z',
  'now',
  '',
])('%j is no time', (text) => {
  expect(instantOf(text)).toBeNull();
});
