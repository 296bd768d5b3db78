import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadApiConfig, loadConfig, loadSettings } from '../../../src/config.ts';
import { Environment } from '../../../src/environment.ts';
import { POOLS } from '../../../src/queues/catalog.ts';
import { composeServices, environmentOf, ivoryServices } from '../../harness/deployment/compose-file.ts';
import { instructionsOf } from '../../harness/deployment/dockerfile.ts';

const key = (byte: number) => Buffer.alloc(32, byte).toString('base64');
/** As deploy/secrets.sh writes them. */
const SECRETS = {
  POSTGRES_PASSWORD: 'a1'.repeat(24),
  REDIS_PASSWORD: 'b2'.repeat(24),
  IVORY_MASTER_KEY: key(1),
  IVORY_CONFIG_KEY: key(2),
  JWT_SECRET: 'c3'.repeat(32),
  OPERATOR_PASSWORD: 'd4'.repeat(12),
};
const services = composeServices();

test('every pool is a service, beside the API and one migration', () => {
  const commands = ivoryServices().map(([name, { command }]) => [name, command?.join(' ')]);
  expect(Object.fromEntries(commands)).toEqual({
    api: 'api',
    migrate: 'migrate',
    ...Object.fromEntries(POOLS.map((pool) => [pool, `worker ${pool}`])),
  });
});

describe.each(ivoryServices())('service %s', (name, service) => {
  const given = environmentOf(service, SECRETS);

  test('is given settings that there are, and all it cannot start without', () => {
    expect(Object.keys(service.environment).filter((one) => !(one in Environment.shape))).toEqual([]);
    if (name === 'api') expect(loadApiConfig(given).JWT_SECRET).toBe(SECRETS.JWT_SECRET);
    else if (name === 'migrate') loadSettings((all) => all.pick({ DATABASE_URL: true }), given);
    else expect(loadConfig(given).REDIS_URL).toContain(SECRETS.REDIS_PASSWORD);
  });

  test('has the key of configs only where configs are opened', () => {
    expect('IVORY_CONFIG_KEY' in given).toBe(name === 'runner');
  });

  test('has the time to end what it does, a bound on its memory, and nothing it does not need', () => {
    const graceS = Number.parseInt(service.stop_grace_period ?? '', 10);
    expect(graceS).toBeGreaterThanOrEqual(Number(given['DRAIN_S']) + 10);
    expect(service.deploy.resources.limits.memory).toMatch(/^\d+[mg]$/);
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    expect(service.container_name).toBeUndefined();
  });

  test('is well when it is ready, by a file of its image', () => {
    if (name === 'migrate') return expect(service.healthcheck).toMatchObject({ disable: true });
    const [, , script = '', path] = service.healthcheck?.test ?? [];
    expect(existsSync(script)).toBe(true);
    expect(path).toBe('readyz');
  });
});

test('secrets have no default: without them nothing starts', () => {
  for (const secret of ['POSTGRES_PASSWORD', 'REDIS_PASSWORD', 'IVORY_MASTER_KEY', 'IVORY_CONFIG_KEY']) {
    const without = Object.fromEntries(Object.entries(SECRETS).filter(([name]) => name !== secret));
    const refused = Object.values(services).filter((service) => {
      try {
        environmentOf(service, without);
        return false;
      } catch {
        return true;
      }
    });
    expect(refused, secret).not.toEqual([]);
  }
});

test('only the API is reached from outside, by this machine alone, at the port it listens on', () => {
  const open = Object.entries(services).flatMap(([name, { ports }]) => ports.map((port) => [name, port]));
  expect(open).toEqual([['api', expect.stringMatching(/^127\.0\.0\.1:.*:8080$/)]]);
  const env = instructionsOf('service').filter(({ name }) => name === 'ENV');
  expect(env.map(({ text }) => text).join(' ')).toContain('PORT=8080');
});

test('Redis never evicts, and what it holds is appended to a file', () => {
  const command = services['redis']?.command?.join(' ');
  expect(command).toContain('--maxmemory-policy noeviction');
  expect(command).toContain('--appendonly yes');
});
