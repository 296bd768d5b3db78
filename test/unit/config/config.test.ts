import { expect, test } from 'vitest';
import { loadApiConfig, loadConfig } from '../../../src/config.ts';
import { AppError } from '../../../src/errors.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const GIVEN = { DATABASE_URL: 'postgres://ivory@db/ivory', IVORY_MASTER_KEY: KEY };

function errorsOf(load: () => unknown) {
  try {
    load();
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, errors: error.errors };
  }
  return null;
}

test('settings that are not given are said to be missing, all at once', () => {
  expect(errorsOf(() => loadConfig({ DATABASE_URL: '' }))).toEqual({
    code: 'config.invalid',
    errors: [
      { field: 'DATABASE_URL', message: 'is missing' },
      { field: 'IVORY_MASTER_KEY', message: 'is missing' },
    ],
  });
});

test.each(['RUN_TIMEOUT_S', 'RUN_IDLE_TIMEOUT_S', 'LEASE_S'])('%s takes 24 days and no more', (name) => {
  expect(loadConfig({ ...GIVEN, [name]: '2073600' })).toMatchObject({ [name]: 2_073_600 });
  expect(errorsOf(() => loadConfig({ ...GIVEN, [name]: '2073601' }))?.errors).toEqual([
    { field: name, message: 'must be at most 2073600 (24 days)' },
  ]);
});

test('the API needs to know whose tokens to believe, a worker does not', () => {
  expect(errorsOf(() => loadConfig(GIVEN))).toBeNull();
  expect(errorsOf(() => loadApiConfig({ ...GIVEN, JWT_SECRET: ' ' }))).toEqual({
    code: 'config.invalid',
    errors: [{ field: 'JWT_SECRET, JWKS_URL', message: 'are missing: the API needs one of them' }],
  });
  expect(errorsOf(() => loadApiConfig({ ...GIVEN, JWT_SECRET: 's'.repeat(32) }))).toBeNull();
  expect(errorsOf(() => loadApiConfig({ ...GIVEN, JWKS_URL: 'https://id.example.com/keys' }))).toBeNull();
});
