import { expect, test } from 'vitest';
import { assertConfig } from '../../../../src/adapters/runner/airbyte/config-check.ts';

const SPECIFICATION = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  required: ['host', 'credentials'],
  additionalProperties: true,
  properties: {
    host: { type: 'string' },
    port: { type: 'integer', minimum: 1, maximum: 65_535 },
    start_date: { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' },
    odd: { type: 'string', pattern: '^[\\-a(' },
    credentials: {
      type: 'object',
      oneOf: [
        {
          required: ['auth_type', 'token'],
          properties: {
            auth_type: { type: 'string', const: 'token' },
            token: { type: 'string', airbyte_secret: true, minLength: 5 },
          },
        },
        {
          required: ['auth_type', 'user', 'password'],
          properties: {
            auth_type: { type: 'string', enum: ['basic'] },
            user: { type: 'string' },
            password: { type: 'string', airbyte_secret: true },
          },
        },
      ],
    },
  },
};
const GOOD = { host: 'h', credentials: { auth_type: 'token', token: 'sesame' } };

function problemWith(config: Record<string, unknown>): string {
  try {
    assertConfig(SPECIFICATION, config);
  } catch (error) {
    expect(error).toMatchObject({ code: 'connector.config_invalid', retry: 'terminal' });
    return error instanceof Error ? error.message : '';
  }
  return '';
}

test('a config that fits is taken, keys the specification does not name too', () => {
  expect(problemWith({ ...GOOD, port: 5432, start_date: '2026-01-01', odd: 'anything', more: 1 })).toBe('');
  expect(problemWith({ host: 'h', credentials: { auth_type: 'basic', user: 'u', password: 'p' } })).toBe('');
});

test.each([
  [{ credentials: GOOD.credentials }, '"host" is required'],
  [{ ...GOOD, port: '31337' }, 'port: is not integer'],
  [{ ...GOOD, port: 70_000 }, 'port: is above 65535'],
  [{ ...GOOD, start_date: 'yesterday' }, 'start_date: does not match its pattern'],
  [{ host: 'h', credentials: { auth_type: 'token' } }, 'credentials: "token" is required'],
  [{ host: 'h', credentials: { auth_type: 'token', token: 'abc' } }, 'credentials.token: its length'],
  [
    { host: 'h', credentials: { auth_type: 'magic', token: 'sesame' } },
    'credentials: must match exactly one',
  ],
])('what is wrong is said of its field, without its value: %j', (config, problem) => {
  const message = problemWith(config);
  expect(message).toContain(problem);
  expect(message).not.toMatch(/31337|yesterday|sesame|magic|abc/);
});

test('a specification that is no schema is left to the source', () => {
  expect(() => assertConfig({ type: 'object', properties: { a: { type: 'text' } } }, { a: 1 })).not.toThrow();
  expect(() => assertConfig({}, { a: 1 })).not.toThrow();
});
