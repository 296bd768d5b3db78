import { expect, test } from 'vitest';
import { parseConfig } from '../../../src/config.ts';

const NEEDED = {
  DATABASE_URL: 'postgres://localhost/ivory',
  IVORY_MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
};
const daysOf = (RETAIN_RUNS_DAYS: string) => parseConfig({ ...NEEDED, RETAIN_RUNS_DAYS }).RETAIN_RUNS_DAYS;

test('runs stay as long as reports and retries may ask for them, or for ever', () => {
  expect(parseConfig(NEEDED).RETAIN_RUNS_DAYS).toBe(400);
  expect(daysOf('14')).toBe(14);
  expect(daysOf('0')).toBe(0);
  for (const wrong of ['13', '1', '-1', '1.5', 'ever'])
    expect(() => daysOf(wrong)).toThrow(/RETAIN_RUNS_DAYS/);
});

test('a prefix of the queues is one word, in braces or none', () => {
  const prefixOf = (QUEUE_PREFIX: string) => parseConfig({ ...NEEDED, QUEUE_PREFIX }).QUEUE_PREFIX;
  expect(prefixOf('{ivory-1}')).toBe('{ivory-1}');
  for (const wrong of ['{ivory', 'ivory}', 'a b', 'a:b', '{}'])
    expect(() => prefixOf(wrong)).toThrow(/QUEUE_PREFIX/);
});
