import { describe, expect, test } from 'vitest';
import { AppError, InvalidError } from '../../../src/errors.ts';
import { errorFields } from '../../../src/log/error-fields.ts';
import { createLoggable } from '../../../src/log/loggable.ts';
import { ownSecrets } from '../../../src/log/own-secrets.ts';
import { createScrubber } from '../../../src/log/scrub.ts';

const scrub = createScrubber([]);

describe('a text in a log', () => {
  test.each([
    ['postgres://ivory:hun@ter2/x@db:5432/ivory', 'postgres://[secret]@db:5432/ivory'],
    ['GET https://bucket.test/a?X-Amz-Signature=abc failed', 'GET https://bucket.test/a?[query] failed'],
    ['Authorization: Bearer abc.def-ghi', 'Authorization: [secret] [secret]'],
    [
      'sent "api_key": "abc" and password=abc; done',
      'sent "api_key": "[secret]" and password=[secret]; done',
    ],
    ['token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.abc was refused', 'token [secret] was refused'],
    ['secret whsec_abcdefghij', 'secret [secret]'],
    ['connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED 127.0.0.1:5432'],
    ['relation "etl.outbox" does not exist', 'relation "etl.outbox" does not exist'],
  ])('%j is shown as %j', (text, shown) => {
    expect(scrub(text)).toBe(shown);
  });

  test('shows no secret of the process, as it is or as URLs and JSON write it', () => {
    const hide = createScrubber(['p@ss "word"', 'short']);
    const forms = ['p@ss "word"', 'p%40ss%20%22word%22', 'p@ss \\"word\\"'];
    for (const form of forms) expect(hide(`x ${form} y`)).toBe('x [secret] y');
    expect(hide('a short text')).toBe('a short text');
  });

  test('is cut, and says how long it was', () => {
    expect(scrub('x'.repeat(50_000))).toBe(`${'x'.repeat(1_000)}… (50000 characters)`);
  });
});

test('the secrets of a process are its keys, its passwords and those in its urls', () => {
  const settings = {
    DATABASE_URL: 'postgres://u:p%40ssword1@h/d',
    REDIS_URL: 'redis://h:6379',
    JWT_SECRET: 'the-jwt-secret',
    IVORY_OLD_MASTER_KEYS: ['old-key-1', 'old-key-2'],
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=collector-key,y=other-key1',
    OPENAI_MODEL: 'gpt-4o-mini',
    PORT: 8080,
  };
  expect(ownSecrets(settings)).toEqual([
    'p%40ssword1',
    'p@ssword1',
    'the-jwt-secret',
    'old-key-1',
    'old-key-2',
    'collector-key',
    'other-key1',
  ]);
});

describe('an error in a log', () => {
  test('of a query shows neither the statement nor its values, at any depth', () => {
    const driver = new Error('invalid input syntax for type integer: "hunter2"');
    const query = Object.assign(new Error('Failed query: select $1\nparams: hunter2'), {
      query: 'select $1',
      params: ['hunter2'],
      parameters: ['hunter2'],
      cause: driver,
    });
    const shown = JSON.stringify(errorFields(new InvalidError('a.b', 'It failed.', { cause: query }), scrub));
    expect(shown).not.toContain('hunter2');
    expect(shown).toContain('invalid input syntax for type integer');
    expect(shown).not.toContain('select');
  });

  test('shows where it was thrown, if nobody foresaw it, without its message again', () => {
    const { stack = [], type } = errorFields(new TypeError('x is\n    not a function'), scrub);
    expect(type).toBe('TypeError');
    expect(stack.length).toBeGreaterThan(0);
    for (const frame of stack) expect(frame).toMatch(/^at /);
  });

  test('that is its own cause ends', () => {
    const error = new Error('round');
    error.cause = error;
    expect(JSON.stringify(errorFields(error, scrub)).length).toBeLessThan(10_000);
  });

  test.each([['text'], [null], [undefined], [42], [{ password: 'hunter2' }]])(
    'may be any value: %j',
    (thrown) => {
      expect(JSON.stringify(errorFields(thrown, scrub))).not.toContain('hunter2');
    },
  );

  test('of JSON that is none quotes nothing of it', () => {
    const parse = () => JSON.parse('{"a": hunter2}');
    let shown = '';
    try {
      parse();
    } catch (error) {
      shown = JSON.stringify(errorFields(error, scrub));
    }
    expect(shown).toContain('no JSON');
    expect(shown).not.toContain('hunter');
  });
});

describe('what is given with a line', () => {
  const loggable = createLoggable(scrub);

  test('is hidden by its name, however deep', () => {
    const given = {
      password: 'a',
      config: { a: 1 },
      nested: { webhook_secret: 'b', tap_state: '{}' },
      params: [1],
    };
    expect(loggable(given)).toEqual({
      password: '[secret]',
      config: '[secret]',
      nested: { webhook_secret: '[secret]', tap_state: '[secret]' },
      params: '[secret]',
    });
  });

  test('does not make a line that grows with data', () => {
    const given = {
      rows: Array.from({ length: 10_000 }, (_, n) => ({ n, deep: { deeper: { deepest: 1 } } })),
    };
    expect(JSON.stringify(loggable(given)).length).toBeLessThan(2_000);
  });

  test('has the code of an error of ours beside it', () => {
    const err = new AppError('queue.unavailable', 'The queue is away.', 'transient');
    expect(loggable({ event: 'x.y', err })).toMatchObject({
      code: 'queue.unavailable',
      err: { type: 'AppError' },
    });
  });
});
