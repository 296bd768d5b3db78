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
