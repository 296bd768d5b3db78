import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiFixture, createApiFixture } from './fixture.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture();
});
afterAll(() => api.close());

test('/openapi.json is valid in the eyes of an outside validator', async () => {
  const { body } = await api.call('GET', '/openapi.json', { token: null });
  const validator = new Validator();
  const { valid, errors } = await validator.validate(body as Record<string, unknown>);
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
  expect(validator.version).toBe('3.1');
});

test('every route under /v1 says that too much is asked of it, that it failed and that a store is away', async () => {
  const { body } = await api.call('GET', '/openapi.json', { token: null });
  const { paths } = body as { paths: Record<string, Record<string, { responses?: object }>> };
  const operations = Object.entries(paths)
    .filter(([path]) => path.startsWith('/v1/'))
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, told]) => ({ path, method, told })))
    .filter(({ told }) => told.responses !== undefined);
  expect(operations.length).toBeGreaterThan(40);
  const silent = operations.filter(({ told }) =>
    ['429', '500', '503'].some((status) => !Object.hasOwn(told.responses ?? {}, status)),
  );
  expect(silent.map(({ path, method }) => `${method} ${path}`)).toEqual([]);
});
