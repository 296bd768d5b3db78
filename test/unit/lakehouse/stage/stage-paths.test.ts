import { expect, test } from 'vitest';
import {
  attemptPath,
  isAttemptName,
  isPartName,
  partPath,
} from '../../../../src/adapters/lakehouse/stage/stage-paths.ts';

const ATTEMPT = '300011f2-1fcb-43e0-a008-35527d6bf874';
const BATCH = '2ed6657d-e927-568b-95e1-2665a8aea6a2';

const HOSTILE = [
  '',
  '.',
  '..',
  '../../etc',
  '/etc/passwd',
  'a/b',
  'a\\b',
  'C:\\x',
  '%2e%2e%2f',
  '\0',
  '\n',
  '*',
  '{a,b}',
  '_hidden',
  '.hidden',
  'a=b',
  '$(x)',
  'Zürich',
  '東京',
  '🙂',
  '\ud800',
  'x'.repeat(300),
];

test.each(HOSTILE)('no path leaves the stage: tenant and batch %j', (id) => {
  const path = attemptPath({ tenantId: id, batchId: id }, ATTEMPT);
  expect(path).toMatch(/^[a-z0-9][a-z0-9-]{0,60}\/[a-z0-9][a-z0-9-]{0,60}\/[0-9a-f-]{36}$/);
});

test('a tenant cannot name itself into another tenant’s folder', () => {
  const [acme = ''] = attemptPath({ tenantId: 'acme', batchId: BATCH }, ATTEMPT).split('/');
  expect(attemptPath({ tenantId: acme, batchId: BATCH }, ATTEMPT).split('/')[0]).not.toBe(acme);
});

test('UUIDs stay readable', () => {
  expect(attemptPath({ tenantId: BATCH, batchId: BATCH }, ATTEMPT)).toBe(`${BATCH}/${BATCH}/${ATTEMPT}`);
  expect(attemptPath({ tenantId: 'Acme Inc.', batchId: BATCH }, ATTEMPT)).toMatch(/^acme-inc-[0-9a-f]{32}\//);
});

test('parts are recognised by their names, and nothing else is', () => {
  expect([partPath('a', 0), partPath('a', 12_345)]).toEqual(['a/part-0000.parquet', 'a/part-12345.parquet']);
  expect(['part-0000.parquet', 'part-12345.parquet'].every(isPartName)).toBe(true);
  expect(
    ['part-0.parquet', 'x-part-0000.parquet', 'part-0000.parquet.crc', '_SUCCESS'].some(isPartName),
  ).toBe(false);
  expect(isAttemptName(ATTEMPT)).toBe(true);
  expect(['', 'data', `${ATTEMPT}x`, ATTEMPT.toUpperCase()].some(isAttemptName)).toBe(false);
});
