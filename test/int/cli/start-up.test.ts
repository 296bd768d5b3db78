import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseEnvFile } from '../../../src/config.ts';
import { createTestDatabase } from '../../harness/database.ts';
import { startIvory } from '../../harness/processes.ts';
import { redisUrl } from '../../harness/redis.ts';

const CLI = fileURLToPath(new URL('../../../bin/ivory.js', import.meta.url));
const key = (byte: number) => Buffer.alloc(32, byte).toString('base64');
const GIVEN = { DATABASE_URL: 'postgres://ivory@127.0.0.1:1/ivory', IVORY_MASTER_KEY: key(1) };

/** Runs a command to its end in no surroundings but these. */
async function refused(args: string[], environment: Record<string, string>) {
  const child = execFile(process.execPath, [CLI, ...args], { env: environment });
  let said = '';
  child.stderr?.on('data', (text: string) => {
    said += text;
  });
  const [code] = await once(child, 'close');
  return { code, said };
}

const NEEDED = ['  DATABASE_URL: is missing', '  IVORY_MASTER_KEY: is missing'];
const NO_API_KEYS = '  JWT_SECRET, JWKS_URL: are missing: the API needs one of them';

const MISSING: [args: string[], missing: string[]][] = [
  [['api'], [...NEEDED, NO_API_KEYS]],
  [['worker', 'scheduler'], NEEDED],
  [['worker', 'runner'], NEEDED],
  [['worker', 'transform'], NEEDED],
  [['worker', 'mapping'], NEEDED],
  [['migrate'], NEEDED.slice(0, 1)],
];

test.each(MISSING)(
  'ivory %j without settings names every one it misses, ends with 2 and shows no stack',
  async (args, missing) => {
    const { code, said } = await refused(args, {});
    expect(code).toBe(2);
    expect(said.trimEnd().split('\n')).toEqual([
      `ivory ${args[0]}: The settings are not complete:`,
      ...missing.slice(0, -1),
      `${missing.at(-1)} (config.invalid)`,
    ]);
  },
);

test('all that is wrong is said at once, and no value of it', async () => {
  const wrong = {
    ...GIVEN,
    DATABASE_URL: 'postgres://ivory:s3cr#t-one@db/ivory',
    REDIS_URL: 'http://s3cret-two',
    LEASE_S: 's3cret-three',
    RUNNER_SANDBOX: 's3cret-four',
    IVORY_MASTER_KEY: 's3cret-five',
    JWT_SECRET: 's3cret-six',
    OPENAI_BASE_URL: 's3cret seven',
  };
  const { code, said } = await refused(['api'], wrong);
  expect(code).toBe(2);
  for (const name of Object.keys(wrong)) expect(said).toContain(`\n  ${name}: `);
  expect(said).not.toMatch(/s3cr| {4}at /);
});

test('an example of settings that nobody filled in does not start', async () => {
  const { code, said } = await refused(['api'], {
    ...parseEnvFile(readFileSync('.env.example', 'utf8')),
    IVORY_MASTER_KEY: key(1),
    JWT_SECRET: 'change-me'.repeat(4),
  });
  expect(code).toBe(2);
  expect(said).toContain('DATABASE_URL: still has the "change-me" of its example');
  expect(said).toContain('JWT_SECRET: still has the "change-me" of its example');
});

test('an API whose port is taken says so and ends, whatever it had opened', async () => {
  const { url, close } = await createTestDatabase();
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const redis = redisUrl();
  const { code, said } = await refused(['api'], {
    ...GIVEN,
    DATABASE_URL: url,
    ...(redis === null ? {} : { REDIS_URL: redis, QUEUE_PREFIX: 'port-taken' }),
    JWT_SECRET: 's'.repeat(32),
    OPERATOR_PASSWORD: 'the operator of this test',
    PORT: String((other.address() as AddressInfo).port),
  });
  other.close();
  await close();
  expect(code).toBe(1);
  expect(said).toContain('(api.port_in_use)');
});

test('a misspelled setting is asked about in the log, and the process starts', async () => {
  const { url, close } = await createTestDatabase();
  const scheduler = await startIvory(['worker', 'scheduler'], {
    DATABASE_URL: url,
    IVORY_MASTER_KEY: key(1),
    IVORY_CONFIG_KEY: key(2),
    TENANT_MAXRUNS: '3',
    IVORY_TURBO: 'yes',
  });
  await scheduler.end();
  await close();
  const warnings = scheduler
    .log()
    .split('\n')
    .filter((line) => line.includes('"level":"warn"') || line.includes('"level":40'));
  expect(warnings.join('\n')).toContain(
    'TENANT_MAXRUNS is not a setting of Ivory. Did you mean TENANT_MAX_RUNS?',
  );
  expect(warnings.join('\n')).toContain('IVORY_TURBO is not a setting of Ivory.');
  expect(warnings.join('\n')).toContain('IVORY_CONFIG_KEY is given to a process that is no runner');
});
