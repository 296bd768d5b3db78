import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createTokenVerifier, signToken } from '../../../src/api/token.ts';
import { openConfig } from '../../../src/domain/config-envelope.ts';
import { runSql, urlOfDatabase } from '../../harness/admin.ts';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';
import { startIvory } from '../../harness/processes.ts';

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
    expect([code, out]).toEqual([expected === 'config.invalid' ? 2 : 1, '']);
    expect(err).toContain(expected);
    expect(err).not.toContain('    at ');
  });
});

test('a command that there is not is named, with those that there are', async () => {
  const { code, out, err } = await ivory(['frobnicate']);
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(/^ivory frobnicate: unknown command\n\nusage: ivory <command>/);
});

test('ivory api that could believe nobody is refused, with what else is missing', async () => {
  const { code, err } = await ivory(['api'], { IVORY_MASTER_KEY: KEY });
  expect(code).toBe(2);
  expect(err).toContain('  DATABASE_URL: is missing\n  JWT_SECRET, JWKS_URL: are missing');
  expect(err).toContain('(config.invalid)');
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

  test('bound to a tenant and a connector it opens there only', async () => {
    const connectorId = '0b0e0d1c-0000-4000-8000-000000000001';
    const key = Buffer.from(KEY, 'base64');
    const { code, out } = await ivory(
      ['encrypt-config', '--tenant', 'acme', '--connector', connectorId],
      { IVORY_CONFIG_KEY: KEY },
      '{"n":1}',
    );
    expect(code).toBe(0);
    expect(openConfig(key, out.trimEnd(), { tenantId: 'acme', connectorId })).toEqual({ n: 1 });
    expect(() => openConfig(key, out.trimEnd(), { tenantId: 'rival', connectorId })).toThrow(
      'sealed for another',
    );
    for (const wrong of [
      ['--tenant', 'no tenant'],
      ['--connector', 'x'],
    ]) {
      const refused = await ivory(['encrypt-config', ...wrong], { IVORY_CONFIG_KEY: KEY }, '{"n":1}');
      expect([refused.code, refused.out]).toEqual([1, '']);
    }
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

/** Each command is a process of its own. */
const PROCESSES = { timeout: 60_000 };

describe('on a database', PROCESSES, () => {
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

  test.each([[['api']], [['worker', 'transform']]])(
    'ivory %j on a database that is not migrated says what to do',
    async (args) => {
      const name = `unmigrated_${randomBytes(6).toString('hex')}`;
      await runSql(inject('adminUrl'), `create database ${name}`);
      const url = urlOfDatabase(inject('adminUrl'), name);
      try {
        const { code, out, err } = await ivory(args, { ...env, DATABASE_URL: url, PORT: '0' });
        expect([code, out]).toEqual([1, '']);
        expect(err).toMatch(/run `ivory migrate`.*\(db\.not_migrated\)\n$/);
      } finally {
        await runSql(inject('adminUrl'), `drop database ${name} with (force)`);
      }
    },
  );

  const catalogOf =
    (tenant: string) =>
    (verb: string, ...args: string[]) =>
      ivory(['catalog', verb, '--tenant', tenant, ...args], env);
  const added = (line: string) => ({ code: 0, out: `${line}\n`, err: '' });

  test('ivory catalog adds, again without effect, lists by name and disables', async () => {
    const catalog = catalogOf('cli-tenant');
    const lake = 'lake\tivory_tenant_cli_tenant\tactive';
    expect(await catalog('add', '--name', 'lake')).toEqual(added(lake));
    expect(await catalog('add', '--name', 'lake')).toEqual(added(lake));
    expect(await catalog('add', '--name', 'archive', '--namespace', 'cli_archive')).toEqual(
      added('archive\tcli_archive\tactive'),
    );
    expect(await catalog('disable', '--name', 'lake')).toEqual(added('lake\tdisabled'));
    expect((await catalog('list')).out).toBe(
      'archive\tcli_archive\tactive\nlake\tivory_tenant_cli_tenant\tdisabled\n',
    );
  });

  test("ivory catalog keeps a tenant off another's namespace, and shows each its own", async () => {
    const [mine, theirs] = [catalogOf('owner'), catalogOf('neighbour')];
    expect((await mine('add', '--name', 'lake')).code).toBe(0);
    const { code, out, err } = await theirs('add', '--name', 'lake', '--namespace', 'ivory_tenant_owner');
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('catalog.namespace_taken');
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect((await theirs('list')).out).toBe('');
    expect((await theirs('disable', '--name', 'lake')).err).toContain('catalog.unknown');
  });

  test('a connector on a disabled catalog is 422 and says which, until the catalog is added again', async () => {
    const catalog = catalogOf('switcher');
    await catalog('add', '--name', 'lake');
    await catalog('disable', '--name', 'lake');
    const api = await startIvory(['api'], { ...env, PORT: '0' });
    try {
      const token = await signToken(SECRET, { tenantId: 'switcher', ttlS: 60 });
      const create = async () => {
        const response = await fetch(`${api.ready}/v1/admin/connectors`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({
            source_system: 'files',
            tap_name: 'tap-postgres',
            destination_catalog: 'lake',
            destination_table: 't',
          }),
        });
        const { code } = JSON.parse(await response.text());
        return [response.status, code];
      };
      expect(await create()).toEqual([422, 'connector.catalog_inactive']);
      await catalog('add', '--name', 'lake');
      expect(await create()).toEqual([201, undefined]);
    } finally {
      await api.end();
    }
  });

  test('ivory catalog says in one line what is wrong', async () => {
    const catalog = catalogOf('cli-tenant');
    expect((await catalog('add', '--name', 'x', '--namespace', 'etl')).err).toContain(
      'catalog.namespace_invalid',
    );
    expect((await catalog('disable', '--name', 'nowhere')).err).toContain('catalog.unknown');
    expect((await catalog('add')).err).toContain('usage: ivory catalog');
    expect((await catalog('drop')).err).toContain('usage: ivory catalog');
  });
});
