import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTestClient } from '../../harness/api-client.ts';
import { runIvory, startIvory } from '../../harness/processes.ts';

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ivory-dev-'));
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

const start = () => startIvory(['dev', '--data-dir', dataDir, '--port', '0'], {});

/** Command lines of the processes that name the data folder. */
function processesOn(folder: string): string[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.map(commandLine).filter((line) => line.includes(folder));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

async function clientOf(url: string) {
  return createTestClient(url, await runIvory(['token', '--tenant', 'acme', '--data-dir', dataDir], {}));
}

test('a second start goes on where the first stopped, and each signal ends everything', {
  timeout: 60_000,
}, async () => {
  const first = await start();
  const connector = await (await clientOf(first.ready)).call<{ id: string }>('POST', '/v1/admin/connectors', {
    source_system: 'files',
    tap_name: 'tap-files',
    connector_type: 'custom',
    destination_catalog: 'ivory-lakehouse',
    destination_table: 'records',
  });
  expect(await first.end('SIGTERM')).toBe(0);
  expect(processesOn(dataDir)).toEqual([]);

  const second = await start();
  const { connectors } = await (await clientOf(second.ready)).call<{ connectors: { id: string }[] }>(
    'GET',
    '/v1/admin/connectors',
  );
  expect(connectors.map(({ id }) => id)).toEqual([connector.id]);
  expect(await second.end('SIGINT')).toBe(0);
  expect(processesOn(dataDir)).toEqual([]);
});

test('started twice at once on one folder, the second says so and fails', { timeout: 60_000 }, async () => {
  const first = await start();
  await expect(start()).rejects.toThrow(/dev\.data_dir_in_use/);
  expect((await fetch(`${first.ready}/healthz`)).status).toBe(200);
  expect(await first.end()).toBe(0);
});

test('after a kill -9 the next start works and no Postgres is left over', { timeout: 60_000 }, async () => {
  const first = await start();
  await first.end('SIGKILL');
  const second = await start();
  expect(await second.end()).toBe(0);
  expect(processesOn(dataDir)).toEqual([]);
});

test.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)(
  'a %s to npx ends what it started',
  { timeout: 60_000 },
  async (signal) => {
    const npx = spawn('npx', ['--no-install', 'ivory', 'dev', '--data-dir', dataDir, '--port', '0'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    for await (const line of createInterface({ input: npx.stdout })) if (line.startsWith('ready')) break;
    npx.kill(signal);
    await vi.waitFor(() => expect(processesOn(dataDir)).toEqual([]), { timeout: 15_000, interval: 200 });
  },
);

test('Ctrl-C in a terminal, which reaches npx and what it started at once, stops it cleanly', {
  timeout: 60_000,
}, async () => {
  const npx = spawn('npx', ['--no-install', 'ivory', 'dev', '--data-dir', dataDir, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  for await (const line of createInterface({ input: npx.stdout })) if (line.startsWith('ready')) break;
  expect(existsSync(join(dataDir, 'lock'))).toBe(true);
  process.kill(-(npx.pid ?? 0), 'SIGINT');
  await vi.waitFor(() => expect(processesOn(dataDir)).toEqual([]), { timeout: 15_000, interval: 200 });
  expect(existsSync(join(dataDir, 'lock'))).toBe(false);
});

test('its settings are for this user only and name everything other commands need', async () => {
  const path = join(dataDir, 'env');
  expect(existsSync(path)).toBe(true);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const text = await readFile(path, 'utf8');
  for (const name of [
    'DATABASE_URL',
    'PORT',
    'JWT_SECRET',
    'IVORY_MASTER_KEY',
    'IVORY_CONFIG_KEY',
    'OPERATOR_PASSWORD',
  ]) {
    expect(text).toMatch(new RegExp(`^${name}=.+$`, 'm'));
  }
});
