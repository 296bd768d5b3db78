import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres, { type Sql } from 'postgres';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { runIvory } from '../../test/harness/processes.ts';
import { type ApiClient, openApiClient } from './api.ts';
import { CATALOG, TAP } from './connectors.ts';
import type { Hurt } from './faults.ts';
import { startFleet } from './fleet.ts';
import type { Service } from './plan.ts';
import { startPostgresService, startRedisService } from './services.ts';

/** How many processes of each kind. */
export type FleetSize = Record<'scheduler' | 'runner' | 'transform' | 'mapping', number>;

/** An installation of its own: services, processes, tenants with their catalogs. */
export interface World extends Hurt {
  folder: string;
  /** Where processes keep what they need for a while; nothing may stay there. */
  scratch: readonly string[];
  configKey: Buffer;
  api: ApiClient;
  /** Straight to Postgres, not through a proxy. */
  sql: Sql;
  close(): Promise<void>;
}

export interface WorldOptions {
  tenants: readonly string[];
  size: FleetSize;
  leaseMs: number;
}

const TAP_PROGRAM = fileURLToPath(new URL('./tap-model.ts', import.meta.url));
const DISK_MB = 12;

export async function openWorld({ tenants, size, leaseMs }: WorldOptions): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'ivory-chaos-'));
  const scratch = ['tmp', 'plugins'].map((name) => join(folder, name));
  for (const path of [...scratch, join(folder, 'logs'), join(folder, 'sources')]) mkdirSync(path);
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const database = await startPostgresService(folder);
    closers.push(() => database.close());
    const redis = await startRedisService();
    closers.push(() => redis.close());
    const sql = openSql(database.url);
    closers.push(() => sql.end({ timeout: 2 }));
    const settings = { ...settingsOf(folder, leaseMs), PORT: String(await findFreePort()) };
    const { IVORY_CONFIG_KEY: configKeyText, ...common } = settings;
    const environment = (urls: Record<Service, string>, name = '') => ({
      ...common,
      // nobody else opens configs
      ...(name.startsWith('runner') && { IVORY_CONFIG_KEY: configKeyText }),
      PATH: process.env['PATH'] ?? '',
      DATABASE_URL: urls.postgres,
      REDIS_URL: urls.redis,
    });
    const urls = { postgres: database.url, redis: redis.url };
    for (const tenant of tenants)
      await runIvory(['catalog', 'add', '--tenant', tenant, '--name', CATALOG], environment(urls));
    const ports = { postgres: database.port, redis: redis.port };
    const fleet = await startFleet({ folder, members: membersOf(size), ports, urls, environment });
    closers.push(() => fleet.close());
    await Promise.all(fleet.members.map((member) => member.ready()));
    const { JWT_SECRET: jwtSecret, PORT } = settings;
    const api = await openApiClient(`http://127.0.0.1:${PORT}`, { jwtSecret, tenants });
    const configKey = Buffer.from(configKeyText, 'base64');
    return { folder, scratch, configKey, api, sql, fleet, postgres: database, redis, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function settingsOf(folder: string, leaseMs: number) {
  const taps = join(folder, 'taps.json');
  writeFileSync(
    taps,
    JSON.stringify({ [TAP]: { command: [process.execPath, TAP_PROGRAM], discover: false } }),
  );
  return {
    JWT_SECRET: randomBytes(32).toString('hex'),
    IVORY_MASTER_KEY: randomBytes(32).toString('base64'),
    IVORY_CONFIG_KEY: randomBytes(32).toString('base64'),
    CUSTOM_TAPS_FILE: taps,
    PLUGINS_DIR: join(folder, 'plugins'),
    TMPDIR: join(folder, 'tmp'),
    // taps read their sources' files, which lie outside of what a sandbox shows
    RUNNER_SANDBOX: 'off',
    RUNNER_DISK_MB: String(DISK_MB),
    LEASE_S: String(leaseMs / 1000),
    SCHEDULE_JITTER_S: '5',
    TABLE_CARE_EVERY_H: '0.02',
    RUN_IDLE_TIMEOUT_S: '60',
  };
}

function membersOf(size: FleetSize): Record<string, string[]> {
  const members: Record<string, string[]> = { api: ['api'] };
  for (const [pool, count] of Object.entries(size)) {
    for (let n = 1; n <= count; n++) members[`${pool}-${n}`] = ['worker', pool];
  }
  return members;
}

function openSql(url: string): Sql {
  return postgres(url, {
    max: 4,
    onnotice: () => {},
    connect_timeout: 10,
    connection: { application_name: 'chaos' },
  });
}
