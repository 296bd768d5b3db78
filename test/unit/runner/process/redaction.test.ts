import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createErrorTail } from '../../../../src/adapters/runner/process/error-tail.ts';
import { eachLine } from '../../../../src/adapters/runner/process/lines.ts';
import { createRedactor, type Redact } from '../../../../src/adapters/runner/process/redaction.ts';

const PASSWORD = 'pa$$ "wörd" &/\\it\'s';
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
    ['a text as JSON in JSON writes it', JSON.stringify({ line: JSON.stringify({ password: PASSWORD }) })],
    ['a text as ASCII JSON writes it', JSON.stringify(PASSWORD).replace('ö', '\\u00f6')],
    ['a text as Python writes it', `'pa$$ "wörd" &/\\\\it\\'s'`],
    ['a text as ascii() in Python writes it', `'pa$$ "w\\xf6rd" &/\\\\it\\'s'`],
    ['bytes as Python writes them', `b'pa$$ "w\\xc3\\xb6rd" &/\\\\it\\'s'`],
    ['a text in single quotes of a shell', `login 'pa$$ "wörd" &/\\it'\\''s'`],
    ['a text as shlex quotes it', `login 'pa$$ "wörd" &/\\it'"'"'s'`],
    ['a text in double quotes of a shell', `login "pa\\$\\$ \\"wörd\\" &/\\\\it's"`],
    ['a text as a URL has it', `GET /?p=${encodeURIComponent(PASSWORD)}`],
    ['a text as a URL has it, in small letters', `GET /?p=${encodeURIComponent(PASSWORD).toLowerCase()}`],
    ['a text as a form has it', new URLSearchParams([['p', PASSWORD]]).toString()],
    ['a text in base64', `key ${Buffer.from(PASSWORD).toString('base64')}`],
    ['a text in base64 behind others', `Basic ${Buffer.from(`jo:${PASSWORD}`).toString('base64')}`],
    ['a text in base64 for URLs', Buffer.from(`user:${PASSWORD}`).toString('base64url')],
    ['a text in hex', Buffer.from(PASSWORD).toString('hex')],
    ['a text in XML', '<p>pa$$ &quot;wörd&quot; &amp;/\\it&#39;s</p>'],
    ['a text in SQL', `'pa$$ "wörd" &/\\it''s'`],
    ['a number', 'the pin 84756120 is wrong'],
    ['a nested text', 'token=deep-token-1;'],
    ['a nested number', 'n=90210007'],
    ['a line of a key', 'cannot read MIIEowIBAAKC'],
    ['a whole key', '-----BEGIN-----\\nMIIEowIBAAKC\\nAQEA12345\\n-----END-----'],
    ['a key without its line ends', 'MIIEowIBAAKCAQEA12345'],
  ])('%s is taken out of a line', (_name, line) => {
    const shown = redact(line);
    expect(shown).toContain('[secret]');
    for (const part of ['pa$$', 'pa%24', 'w\\xf6rd', 'rd" &', 'wörd', Buffer.from(PASSWORD).toString('hex')])
      expect(shown).not.toContain(part);
    for (const part of ['84756120', 'deep-token-1', '90210007', 'MIIEowIBAAKC', 'AQEA12345'])
      expect(shown).not.toContain(part);
    expect(shown).not.toContain(Buffer.from(PASSWORD).toString('base64').slice(4, 20));
  });

  test('what of a secret stands in base64 behind others is gone but for the letters it shares with them', () => {
    for (const before of ['', 'u', 'us', 'use:']) {
      const token = Buffer.from(`${before}${PASSWORD}`).toString('base64');
      const left = redact(token).replace('[secret]', '');
      expect(left.length).toBeLessThanOrEqual(Math.ceil((before.length * 4) / 3) + 4);
    }
  });

  test('the longer of two that overlap is taken out whole', () => {
    const both = createRedactor({ user: 'admin', password: 'admin-secret' });
    expect(both('admin-secret admin')).toBe('[secret] [secret]');
    const chain = createRedactor({ a: 'first-half', b: 'half-second' });
    expect(chain('x first-half-second y')).toBe('x [secret] y');
  });

  test('a line without any is left as it is', () => {
    expect(redact('3 rows, true, null')).toBe('3 rows, true, null');
    expect(createRedactor({})('anything')).toBe('anything');
  });
});

describe('a key file', () => {
  const body = Array.from(
    { length: 1_600 },
    (_, at) =>
      'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'[(at * at * 7 + at * 13) % 64],
  ).join('');
  const wrapped = (width: number, end: string) =>
    body.match(new RegExp(`.{1,${width}}`, 'g'))?.join(end) ?? '';
  const pem = (end: string) =>
    `-----BEGIN PRIVATE KEY-----${end}${wrapped(64, end)}${end}-----END PRIVATE KEY-----${end}`;

  test.each([
    ['written with line ends', { private_key: pem('\n') }],
    ['written with \\n', { private_key: pem('\\n') }],
    [
      'in a JSON file written as a text',
      { credentials_json: JSON.stringify({ client_email: 'x@y.z', private_key: pem('\n') }) },
    ],
    ['under a name that says nothing', { whatever: pem('\r\n') }],
  ])('%s is hidden line by line, whatever the width it is printed at', (_name, config) => {
    const hide = createRedactor(config);
    for (const width of [64, 76, 40, 1_600]) {
      for (const line of wrapped(width, '\n')
        .split('\n')
        .filter((each) => each.length >= 16))
        expect(hide(`log: ${line}`)).toBe('log: [secret]');
    }
  });
});

describe('a password in another value', () => {
  test.each([
    ['of a URL', { url: 'postgres://jo:s3cr%2Fet@db.acme.com/x' }, ['s3cr%2Fet', 's3cr/et']],
    ['of a host that is none', { host: 'https://jo:hunter22@db' }, ['hunter22']],
    ['of a connection string', { connect: 'Server=db;User=jo;Password=hunter22;' }, ['hunter22']],
    ['of a query', { endpoint: 'https://x.io/?v=1&api_key=abc%2Bdef99' }, ['abc%2Bdef99', 'abc+def99']],
    ['of a header', { headers: { Authorization: 'Bearer abc.def' } }, ['abc.def']],
    [
      'of basic authorisation',
      { headers: { h: `Basic ${Buffer.from('jo:hunter22').toString('base64')}` } },
      ['hunter22'],
    ],
  ])('%s is a secret by itself', (_name, config, secrets) => {
    const hide = createRedactor(config);
    for (const secret of secrets) expect(hide(`it is ${secret}!`)).toBe('it is [secret]!');
  });
});

describe('what is no secret stays readable', () => {
  const config = {
    host: 'db.acme.com',
    port: 5432,
    start_date: '2024-01-01T00:00:00Z',
    schemas: ['public', 'sales_2024'],
    streams: [{ name: 'birdstrikes', path: 'raw/birdstrikes-*.csv' }],
    pageSize: 100_000,
    ssl: true,
    replication_method: 'INCREMENTAL',
    table_key_properties: 'order_number',
    enabled: 'false',
    small: 12,
    user: 'jo@acme.com',
    unheard_of: 'Some-Value',
    client_name: 'Acme Holding',
    table: 'tok_51HxAbCdEfGh1JkLmNoPq',
  };
  const hide = createRedactor(config);

  test.each([
    'connecting to db.acme.com:5432',
    'from 2024-01-01T00:00:00Z in public and sales_2024',
    'stream birdstrikes: 100000 rows of raw/birdstrikes-*.csv',
    'INCREMENTAL by order_number, 12 pages, true, false',
  ])('%s', (line) => {
    expect(hide(line)).toBe(line);
  });

  test('what its key does not tell harmless is hidden, and what does not look it', () => {
    expect(hide('jo@acme.com Some-Value, Acme Holding: tok_51HxAbCdEfGh1JkLmNoPq')).toBe(
      '[secret] [secret], [secret]: [secret]',
    );
  });

  test('a setting that the registry knows as a secret is one, whatever its name', () => {
    const known = createRedactor(config, { secretKeys: ['schemas', 'streams.name'] });
    expect(known('public birdstrikes db.acme.com')).toBe('[secret] [secret] db.acme.com');
  });

  test('what lies under the name of a secret is one', () => {
    expect(createRedactor({ credentials: { host: 'h.acme.com', n: 77 } })('h.acme.com 77')).toBe(
      '[secret] [secret]',
    );
  });
});

test('a short secret is taken out where it stands alone, and no word is torn apart by it', () => {
  const hide = createRedactor({ password: 'abc', pin: 42, schema: 'md' });
  expect(hide("password 'abc' and pin=42 in md: 142 abcd")).toBe(
    "password '[secret]' and pin=[secret] in md: 142 abcd",
  );
});

/** What is written in these chunks, line by line, redacted. */
async function shown(chunks: readonly Buffer[], hide: Redact): Promise<string[]> {
  const lines: string[] = [];
  await eachLine(Readable.from(chunks), (line) => lines.push(hide(line)));
  return lines;
}

test('a secret that arrives in pieces is taken out, within a character too', async () => {
  const bytes = Buffer.from(`before ${PASSWORD} after\nand ${PASSWORD}`);
  const oneByOne = [...bytes].map((byte) => Buffer.from([byte]));
  expect(await shown(oneByOne, redact)).toEqual(['before [secret] after', 'and [secret]']);
});

test('wherever the chunks are cut, and however it is written, a secret is not shown', async () => {
  const secret = fc
    .string({ unit: 'grapheme', minLength: 4, maxLength: 60 })
    .filter(
      (text) =>
        !/[\r\n\u2028]/.test(text) && text.trim().length > 3 && !/^(true|false|null|none)$/i.test(text),
    );
  const writing = fc.constantFrom<(text: string) => string>(
    (text) => text,
    (text) => JSON.stringify({ text }),
    (text) => `https://x/?q=${encodeURIComponent(text.toWellFormed())}`,
    (text) => Buffer.from(text).toString('base64'),
  );
  const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(secret, writing, cuts, async (text, write, at) => {
      const written = write(text.toWellFormed());
      const bytes = Buffer.from(`before ${written} after\n`);
      const places = [
        0,
        ...[...at].sort((a, b) => a - b).map((each) => Math.min(each, bytes.length)),
        bytes.length,
      ];
      const chunks = places.slice(1).map((end, n) => bytes.subarray(places[n], end));
      const [line = ''] = await shown(chunks, createRedactor({ password: text.toWellFormed() }));
      expect(line).toContain('[secret]');
      expect(line.replaceAll('[secret]', '')).not.toContain(text.toWellFormed());
      if (written === text) expect(line).toBe('before [secret] after');
    }),
    { numRuns: 300 },
  );
});

test('a secret across the place where a long line is cut leaves no part', async () => {
  for (const kept of [0, 1, 2, 3, 4, 7, 11, 12]) {
    const line = `${'x'.repeat(64_000 - kept)}deep-token-1 and more ${'y'.repeat(70_000)}\nnext`;
    const [first = '', second] = await shown([Buffer.from(line)], redact);
    expect(first.replace(/^x+/, '')).toBe(kept === 0 ? ' ... (line cut)' : '[secret] ... (line cut)');
    expect(second).toBe('next');
  }
});

test('a secret across the place where a message is cut leaves no part', () => {
  const tail = createErrorTail(redact);
  tail.watch(() => {})(`${'x'.repeat(495)}deep-token-1`);
  expect(tail.text()).not.toContain('deep');
});
