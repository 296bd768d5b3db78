import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createErrorTail } from '../../../src/adapters/runner/process/error-tail.ts';
import { eachLine } from '../../../src/adapters/runner/process/lines.ts';
import { createRedactor } from '../../../src/adapters/runner/process/redaction.ts';

const PASSWORD = 'pa$$ "wörd" &/\\';
const redact = createRedactor({
  password: PASSWORD,
  pin: 84_756_120,
  nested: { list: [{ token: 'deep-token-1' }], n: [90_210_007] },
  key: '-----BEGIN-----\r\nMIIEowIBAAKC\nAQEA12345\n-----END-----',
  empty: '',
  no: null,
  on: true,
});

describe('the values of a config', () => {
  test.each([
    ['a text', `login with ${PASSWORD} failed`],
    ['a text as JSON writes it', `config: ${JSON.stringify({ password: PASSWORD })}`],
    ['a text as a URL has it', `GET /?p=${encodeURIComponent(PASSWORD)}`],
    ['a text as a form has it', new URLSearchParams([['p', PASSWORD]]).toString()],
    ['a text in base64', `Basic ${Buffer.from(PASSWORD).toString('base64')}`],
    ['a number', 'the pin 84756120 is wrong'],
    ['a nested text', 'token=deep-token-1;'],
    ['a nested number', 'n=90210007'],
    ['a line of a key', 'cannot read MIIEowIBAAKC'],
    ['a whole key', '-----BEGIN-----\\nMIIEowIBAAKC\\nAQEA12345\\n-----END-----'],
  ])('%s is taken out of a line', (_name, line) => {
    const shown = redact(line);
    expect(shown).toContain('[secret]');
    for (const secret of [
      PASSWORD,
      JSON.stringify(PASSWORD).slice(1, -1),
      encodeURIComponent(PASSWORD),
      'pa%24%24+',
      Buffer.from(PASSWORD).toString('base64').replace(/=+$/, ''),
      '84756120',
      'deep-token-1',
      '90210007',
      'MIIEowIBAAKC',
      'AQEA12345',
    ])
      expect(shown).not.toContain(secret);
  });

  test('the longer of two that overlap is taken out whole', () => {
    const both = createRedactor({ user: 'admin', password: 'admin-secret' });
    expect(both('admin-secret admin')).toBe('[secret] [secret]');
  });

  test('a line without any is left as it is', () => {
    expect(redact('3 rows, true, null')).toBe('3 rows, true, null');
    expect(createRedactor({})('anything')).toBe('anything');
  });
});

test('a secret that arrives in pieces is taken out, within a character too', async () => {
  const bytes = Buffer.from(`before ${PASSWORD} after\nand ${PASSWORD}`);
  const lines: string[] = [];
  const oneByOne = Readable.from([...bytes].map((byte) => Buffer.from([byte])));
  await eachLine(oneByOne, (line) => lines.push(redact(line)));
  expect(lines).toEqual(['before [secret] after', 'and [secret]']);
});

test('a secret across the place where a message is cut leaves no part', () => {
  const tail = createErrorTail(redact);
  tail.watch(() => {})(`${'x'.repeat(495)}deep-token-1`);
  expect(tail.text()).not.toContain('deep');
});
