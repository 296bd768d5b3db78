import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTokenVerifier } from '../../../src/api/token.ts';
import { openConfig } from '../../../src/domain/config-envelope.ts';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
const SECRET = 'the-secret-of-the-tests-is-32-chars-long';
const KEY = Buffer.alloc(32, 3).toString('base64');

async function ivory(args: string[], env: Record<string, string> = {}, input = '') {
  const child = spawn(process.execPath, [CLI, ...args], { env: { LOG_LEVEL: 'silent', ...env } });
  child.stdin.on('error', () => {}).end(input);
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, out, err };
}

describe('ivory token', () => {
  const auth = { jwtSecret: SECRET, jwksUrl: null, issuer: null, audience: null };

  test('prints a token that the API takes, and needs no other setting', async () => {
    const { code, out } = await ivory(['token', '--tenant', 'acme', '--scope', 'read'], {
      JWT_SECRET: SECRET,
    });
    expect(code).toBe(0);
    expect(await createTokenVerifier(auth)(out.trimEnd())).toEqual({ tenantId: 'acme', scopes: ['read'] });
    const { exp, iat } = JSON.parse(Buffer.from(out.split('.')[1] ?? '', 'base64url').toString());
    expect(exp - iat).toBe(3_600);
  });

  test.each([
    [['--tenant', 'acme'], {}, 'token.no_secret'],
    [[], { JWT_SECRET: SECRET }, 'token.tenant_invalid'],
    [['--tenant', 'a b'], { JWT_SECRET: SECRET }, 'token.tenant_invalid'],
    [['--tenant', 'acme', '--ttl', 'soon'], { JWT_SECRET: SECRET }, 'token.ttl_invalid'],
    [['--tenant', 'acme'], { JWT_SECRET: 'short' }, 'config.invalid'],
  ])('token %j with %j fails in words', async (args, env, expected) => {
    const { code, out, err } = await ivory(['token', ...args], env as Record<string, string>);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(expected);
    expect(err).not.toContain('    at ');
  });
});

describe('ivory encrypt-config', () => {
  test('prints an envelope that the key opens', async () => {
    const { code, out } = await ivory(
      ['encrypt-config'],
      { IVORY_CONFIG_KEY: KEY },
      '{"api_key":"s3cret","n":1}',
    );
    expect(code).toBe(0);
    expect(openConfig(Buffer.from(KEY, 'base64'), out.trimEnd())).toEqual({ api_key: 's3cret', n: 1 });
  });

  test.each(['', '[1]', '"s3cret"', '{"api_key":"s3cret"'])(
    '%j is refused without being quoted',
    async (input) => {
      const { code, out, err } = await ivory(['encrypt-config'], { IVORY_CONFIG_KEY: KEY }, input);
      expect([code, out]).toEqual([1, '']);
      expect(err).toContain('config.not_an_object');
      expect(err).not.toContain('s3cret');
    },
  );
});

describe('on a database', () => {
  let database: TestDatabase;
  let env: Record<string, string>;
  beforeAll(async () => {
    database = await createTestDatabase();
    env = { DATABASE_URL: database.url, IVORY_MASTER_KEY: KEY, JWT_SECRET: SECRET };
  });
  afterAll(() => database.close());

  test('ivory migrate, twice at once and again, changes nothing more', async () => {
    const ended = [
      await ivory(['migrate'], env),
      ...(await Promise.all([ivory(['migrate'], env), ivory(['migrate'], env)])),
    ];
    expect(ended.map(({ code, err }) => [code, err])).toEqual(ended.map(() => [0, '']));
  });

  test('ivory catalog adds, lists and disables', async () => {
    const catalog = (verb: string, ...args: string[]) =>
      ivory(['catalog', verb, '--tenant', 'cli-tenant', ...args], env);
    expect(await catalog('add', '--name', 'lake')).toEqual({
      code: 0,
      out: 'lake\tivory_tenant_cli_tenant\tactive\n',
      err: '',
    });
    expect((await catalog('disable', '--name', 'lake')).code).toBe(0);
    expect((await catalog('list')).out).toBe('lake\tivory_tenant_cli_tenant\tdisabled\n');
    expect((await catalog('add', '--name', 'x', '--namespace', 'etl')).err).toContain(
      'catalog.namespace_invalid',
    );
    expect((await catalog('disable', '--name', 'nowhere')).err).toContain('catalog.unknown');
    expect((await catalog('add')).err).toContain('usage: ivory catalog');
    expect((await catalog('drop')).err).toContain('usage: ivory catalog');
  });
});
