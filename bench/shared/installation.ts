import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '../../src/db/client.ts';
import { migrateDatabase } from '../../src/db/migrate.ts';
import { type EmbeddedPostgres, startPostgres } from '../../src/embedded/postgres.ts';
import { type RedisServer, startRedis } from '../../test/harness/redis-server.ts';

/** A Postgres of its own with the settings it ships with (durable), and a Redis where the machine has one. */
export interface Installation {
  folder: string;
  databaseUrl: string;
  /** Of the server that starts all others. */
  postgresPid: number;
  database: Database;
  redis: RedisServer | null;
  /** What every Ivory process of it gets as its environment. */
  environment: Record<string, string>;
  close(): Promise<void>;
}

export interface InstallationOptions {
  withRedis?: boolean;
  /** Settings of the Postgres server over those it ships with. */
  settings?: Record<string, string>;
}

export async function startInstallation({
  withRedis = true,
  settings = {},
}: InstallationOptions = {}): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), 'ivory-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const closers: (() => Promise<void> | void)[] = [remove, () => process.off('exit', remove)];
  const close = async () => {
    for (const closer of closers.reverse().splice(0)) await closer();
  };
  try {
    const postgres: EmbeddedPostgres = await startPostgres({ dataDir: join(folder, 'postgres'), settings });
    closers.push(() => postgres.stop());
    const redis = withRedis ? await startRedis() : null;
    closers.push(() => redis?.stop());
    await migrateDatabase(postgres.url);
    const database = openDatabase(postgres.url);
    closers.push(() => database.close());
    const environment = environmentOf(postgres.url, redis);
    return {
      ...{ folder, databaseUrl: postgres.url, postgresPid: postgres.pid },
      ...{ database, redis, environment, close },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function environmentOf(databaseUrl: string, redis: RedisServer | null): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    ...(redis ? { REDIS_URL: redis.url } : {}),
    PORT: '0',
    JWT_SECRET: randomBytes(32).toString('hex'),
    IVORY_MASTER_KEY: randomBytes(32).toString('base64'),
    IVORY_CONFIG_KEY: randomBytes(32).toString('base64'),
  };
}
