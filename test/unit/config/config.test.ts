import { expect, test } from 'vitest';
import { loadApiConfig, loadConfig, loadSettings } from '../../../src/config.ts';
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

test('each wrong setting has one complaint, in the order of .env.example, and none shows its value', () => {
  const wrong = {
    ...GIVEN,
    LOG_LEVEL: 'loud',
    PORT: 'http',
    DATABASE_URL: 'postgres://ivory:pass@wo/rd#1@db/ivory',
    JWT_SECRET: 'change-me',
  };
  const errors = errorsOf(() => loadApiConfig(wrong))?.errors ?? [];
  expect(errors.map(({ field }) => field)).toEqual(['PORT', 'DATABASE_URL', 'JWT_SECRET', 'LOG_LEVEL']);
  expect(errors.map(({ message }) => message).join()).not.toMatch(/loud|http\b|pass@/);
});

test.each([
  ['DATABASE_URL', 'postgres://ivory:p/ss@db:5432/ivory'],
  ['REDIS_URL', 'redis://:p#ss@redis:6379'],
  ['LAKEHOUSE_URL', 'spark+http://user:p/ss@spark:10001/cliservice'],
  ['QUESTDB_URL', 'postgres://reader:p?ss@questdb:8812/qdb'],
])('%s with a character in its password that cuts it is no url', (name, url) => {
  expect(errorsOf(() => loadConfig({ ...GIVEN, [name]: url }))?.errors).toMatchObject([{ field: name }]);
});

test.each([
  ['DATABASE_URL', 'postgres://ivory:p%2Fss@one:5432,two:5432,three/ivory'],
  ['DATABASE_URL', 'postgres:///ivory?host=/var/run/postgresql'],
  ['QUESTDB_URL', 'postgres://{tenant}:x@questdb:8812/qdb'],
  ['LAKEHOUSE_URL', 'spark+https://user:x@spark/cliservice?catalog=lake'],
])('%s may be %s', (name, url) => {
  expect(errorsOf(() => loadConfig({ ...GIVEN, [name]: url }))).toBeNull();
});

test('a command minds the settings it needs, and no others', () => {
  const key = (environment: Record<string, string>) => () =>
    loadSettings((all) => all.pick({ IVORY_MASTER_KEY: true }), environment);
  expect(errorsOf(key({ IVORY_MASTER_KEY: KEY, DATABASE_URL: 'change-me', PORT: 'no' }))).toBeNull();
  expect(errorsOf(key({ IVORY_MASTER_KEY: 'CHANGE_ME' }))?.errors).toEqual([
    { field: 'IVORY_MASTER_KEY', message: 'still has the "change-me" of its example' },
  ]);
});
