import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { POOLS } from '../../src/queues/catalog.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';
import { hasLinter, lint } from '../harness/deployment/linters.ts';
import { type SimulatedImage, simulateImage } from '../harness/deployment/simulated-image.ts';

const key = (byte: number) => Buffer.alloc(32, byte).toString('base64');
/** The newest, and one that was current when its oldest field here became so. */
const KUBERNETES = { newest: '1.37', oldest: '1.31' };

test.runIf(hasLinter('hadolint'))(
  'hadolint finds nothing in the Dockerfile, and something in a worse one',
  async () => {
    expect(await lint('hadolint', ['Dockerfile'])).toMatchObject({ code: 0, said: '' });
    const worse = (await readFile('Dockerfile', 'utf8')).replaceAll(' --no-install-recommends', '');
    expect((await lint('hadolint', ['-'], { input: worse })).said).toContain('DL3015');
  },
);

describe.runIf(hasLinter('docker-compose'))('Docker Compose', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ivory-compose-'));
    await cp('compose.yaml', join(folder, 'compose.yaml'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const compose = (...args: string[]) => lint('docker-compose', args, { cwd: folder });

  test('refuses to start without secrets, and says how they are made', async () => {
    const { code, said } = await compose('config', '--quiet');
    expect(code).not.toBe(0);
    expect(said).toMatch(/is missing, see the head of compose\.yaml/);
  });

  test('takes the file with what deploy/secrets.sh writes, and scales every pool', async () => {
    await writeFile(join(folder, '.env'), execFileSync('sh', ['deploy/secrets.sh']));
    const { code, out, said } = await compose('config', '--format', 'json');
    expect(code, said).toBe(0);
    const { services }: { services: Record<string, Record<string, unknown>> } = JSON.parse(out);
    expect(Object.keys(services)).toEqual(
      expect.arrayContaining(['api', 'migrate', 'postgres', 'redis', ...POOLS]),
    );
    expect(POOLS.filter((pool) => services[pool]?.['container_name'] || services[pool]?.['ports'])).toEqual(
      [],
    );
  });
});

describe.runIf(hasLinter('kustomize') && hasLinter('kubernetes-validate'))('Kubernetes', () => {
  test.each([
    ['base', KUBERNETES.newest],
    ['base', KUBERNETES.oldest],
    ['example', KUBERNETES.newest],
  ])('kustomize renders %s, and every object is of its schema in %s', async (overlay, version) => {
    const { code, out, said } = await lint('kustomize', ['build', `deploy/kubernetes/${overlay}`]);
    expect(code, said).toBe(0);
    expect(out).not.toMatch(/image: ivory(-runner)?\n/);
    const judged = await lint('kubernetes-validate', ['--strict', '-k', version, '-'], { input: out });
    expect(judged.code, judged.said).toBe(0);
    expect(judged.said.match(/ passed for resource /g)).toHaveLength(out.match(/^kind: /gm)?.length ?? 0);
  });

  test('the example of secrets is of its schema, and a misspelled field is not', async () => {
    const example = await readFile('deploy/kubernetes/secrets.example.yaml', 'utf8');
    const judge = (input: string) =>
      lint('kubernetes-validate', ['--strict', '-k', KUBERNETES.newest, '-'], { input });
    expect((await judge(example)).code).toBe(0);
    expect((await judge(example.replace('stringData', 'stringdata'))).code).not.toBe(0);
  });
});

describe('the image, as far as it can be had without a container', () => {
  let image: SimulatedImage;
  let database: TestDatabase;
  let environment: Record<string, string>;
  beforeAll(async () => {
    [image, database] = await Promise.all([simulateImage('runner'), createTestDatabase()]);
    environment = {
      DATABASE_URL: database.url,
      IVORY_MASTER_KEY: key(1),
      PLUGINS_DIR: '/var/cache/ivory/plugins',
      PORT: '0',
    };
  });
  afterAll(async () => {
    await image?.remove();
    await database?.close();
  });

  test('migrates', async () => {
    const { code, said } = await image.runToEnd(['migrate'], environment);
    expect([code, said]).toEqual([0, 'The database is up to date.\n']);
  });

  test.each([
    ['api', ['api'], { JWT_SECRET: 's'.repeat(40) }],
    ['every pool', ['worker', ...POOLS], { IVORY_CONFIG_KEY: key(2) }],
  ])(
    '%s serves from a tree nobody may write to, answers the health check and ends when it is told to',
    async (_, args, own) => {
      const process = await image.run(args, { ...environment, ...own });
      expect(await process.isHealthy('healthz')).toBe(true);
      expect(await process.isHealthy('nothing-here')).toBe(false);
      expect(await process.end()).toBe(0);
    },
  );

  test('without settings it says what is missing and ends with 2', async () => {
    const { code, said } = await image.runToEnd(['worker', 'runner'], {});
    expect(code).toBe(2);
    expect(said).toMatch(/DATABASE_URL: is missing\n.*IVORY_MASTER_KEY: is missing/);
  });
});
