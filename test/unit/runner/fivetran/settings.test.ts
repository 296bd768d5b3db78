import { describe, expect, test } from 'vitest';
import { parseSettings } from '../../../../src/adapters/runner/fivetran/settings.ts';

const GOOD = { api_key: 'key', api_secret: 'secret', connection_id: 'speak_inexpensive' };

test('a whole config is taken, fields it does not know left alone', () => {
  expect(parseSettings({ ...GOOD, note: 'ours' })).toEqual({
    apiKey: 'key',
    apiSecret: 'secret',
    connectionId: 'speak_inexpensive',
  });
});

describe('a config is refused field by field, without its values', () => {
  test.each([
    [{}, ['api_key', 'api_secret', 'connection_id']],
    [{ ...GOOD, api_key: 'with:colon-4711' }, ['api_key']],
    [{ ...GOOD, api_key: 7 }, ['api_key']],
    [{ ...GOOD, api_secret: 'two\nlines-4711' }, ['api_secret']],
    [{ ...GOOD, connection_id: '../users-4711' }, ['connection_id']],
    [{ ...GOOD, connection_id: '' }, ['connection_id']],
  ])('%j', (config, fields) => {
    let refusal: unknown;
    try {
      parseSettings(config);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({
      code: 'connector.config_invalid',
      retry: 'terminal',
      errors: fields.map((field) => ({ field })),
    });
    expect(JSON.stringify(refusal) + String(refusal)).not.toContain('4711');
  });
});
