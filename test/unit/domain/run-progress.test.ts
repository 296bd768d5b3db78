import { describe, expect, test } from 'vitest';
import { soFarLine, totalLine } from '../../../src/domain/progress-lines.ts';
import { createProgressMeter } from '../../../src/domain/run-progress.ts';

const START = Date.parse('2026-11-21T12:00:00Z');
const at = (seconds: number) => START + seconds * 1_000;

describe('the rate of a run', () => {
  test('is that of the last seconds, not of the whole run', () => {
    const meter = createProgressMeter('staging', START);
    meter.measure({ deals: { rows: 1_000, bytes: 10_000 } }, at(1));
    for (const second of [20, 30, 40])
      meter.measure({ deals: { rows: 1_000 + second * 100, bytes: 10_000 + second * 1_000 } }, at(second));
    expect(meter.now(at(40))).toMatchObject({
      rows: 5_000,
      bytes: 50_000,
      rowsPerS: 100,
      bytesPerS: 1_000,
    });
  });

  test('falls to zero when nothing comes any more, and the counts stay', () => {
    const meter = createProgressMeter('staging', START);
    meter.measure({ deals: { rows: 10_000, bytes: 100_000 } }, at(2));
    const rates = [2, 5, 10, 18, 60].map((second) => meter.now(at(second)).rowsPerS);
    expect(rates).toEqual([5_000, 2_000, 1_000, 0, 0]);
    expect(meter.now(at(60))).toMatchObject({ rows: 10_000, updatedAt: '2026-11-21T12:01:00.000Z' });
  });

  test('of rows that came within a blink is no higher than their number', () => {
    const meter = createProgressMeter('staging', START);
    expect(meter.measure({ deals: { rows: 300, bytes: 9 } }, START + 1)).toMatchObject({ rowsPerS: 300 });
    expect(meter.total(START + 1)).toMatchObject({ rowsPerS: 300 });
  });

  test('is at the end the average of the phase, and no stream is current', () => {
    const meter = createProgressMeter('staging', START);
    meter.measure({ deals: { rows: 100, bytes: 1_000 } }, at(1));
    meter.measure({ deals: { rows: 1_000, bytes: 10_000 } }, at(100));
    expect(meter.total(at(100))).toMatchObject({ rowsPerS: 10, bytesPerS: 100, currentStream: null });
  });

  test('after a day of rows every ten seconds is still that of the last ones', () => {
    const meter = createProgressMeter('staging', START);
    for (let second = 1; second <= 86_400; second += 10)
      meter.measure({ deals: { rows: second * 50, bytes: second } }, at(second));
    expect(meter.now(at(86_391))).toMatchObject({ rowsPerS: 50 });
  });
});

describe('the current stream', () => {
  test('is the one whose rows came last; of several the one that got most; none before any row', () => {
    const meter = createProgressMeter('staging', START);
    const current = (counted: Record<string, number>) => {
      const counts = Object.entries(counted).map(([name, rows]) => [name, { rows, bytes: rows }]);
      return meter.measure(Object.fromEntries(counts), at(1)).currentStream;
    };
    expect(current({})).toBeNull();
    expect(current({ deals: 5 })).toBe('deals');
    expect(current({ deals: 5, people: 1 })).toBe('people');
    expect(current({ deals: 5, people: 1 })).toBe('people');
    expect(current({ deals: 7, people: 2 })).toBe('deals');
  });
});

describe('what the log says of it', () => {
  test('while rows are staged and when all are', () => {
    const meter = createProgressMeter('staging', START);
    const now = meter.measure({ flights: { rows: 118_000, bytes: 14_200_000 } }, at(10));
    expect(soFarLine(now)).toBe('staged 118,000 rows (14.2 MB) so far, 11,800 rows/s, now reading flights');
    expect(totalLine(meter.total(at(20)), START)).toBe('staged 118,000 rows (14.2 MB) in 20 s, 5,900 rows/s');
  });

  test('while a table is loaded: rows, for bytes are not counted there', () => {
    const meter = createProgressMeter('loading', START);
    const now = meter.measure({ flights: { rows: 20_000 } }, at(10));
    expect(now).toMatchObject({ bytes: null, bytesPerS: null, rowsPerS: 2_000 });
    expect(soFarLine(now)).toBe('20,000 rows taken from staging so far, 2,000 rows/s, now loading flights');
    expect(totalLine(meter.total(at(10)), START)).toBe(
      '20,000 rows taken from staging in 10 s, 2,000 rows/s',
    );
  });

  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [1_500_000, '1.5 MB'],
    [2_000_000_000_000_000, '2000.0 TB'],
  ])('%d bytes are %s', (bytes, text) => {
    const progress = createProgressMeter('staging', START).measure({ s: { rows: 1, bytes } }, at(1));
    expect(soFarLine(progress)).toContain(`(${text})`);
  });
});
