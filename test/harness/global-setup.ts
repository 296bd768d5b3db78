import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { migrateDatabase } from '../../src/db/migrate.ts';
import { startPostgres } from '../../src/embedded/postgres.ts';
import { runSql, TEMPLATE, urlOfDatabase } from './admin.ts';
import { startRedis } from './redis-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser url of the run's Postgres, database `postgres`. */
    adminUrl: string;
    /** null: no redis-server on this machine. */
    redisUrl: string | null;
  }
}

/** What a test needs not: surviving a power cut. */
const FAST = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_wal_size: '4GB',
  log_min_messages: 'fatal',
};

/** One Postgres and, where there is a binary, one Redis for the whole run; both gone after it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ivory-test-'));
  const postgres = await startPostgres({ dataDir, settings: FAST, sync: false });
  const redis = await startRedis();
  await runSql(postgres.url, `create database ${TEMPLATE}`);
  await migrateDatabase(urlOfDatabase(postgres.url, TEMPLATE));
  project.provide('adminUrl', postgres.url);
  project.provide('redisUrl', redis?.url ?? null);
  return async () => {
    await Promise.all([postgres.stop(), redis?.stop()]);
    rmSync(dataDir, { recursive: true, force: true });
  };
}
