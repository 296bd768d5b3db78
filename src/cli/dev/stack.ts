import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { composeApi, composeDeps } from '../../compose.ts';
import { type Config, parseConfig } from '../../config.ts';
import { contextFor, type Deps } from '../../context.ts';
import { migrateDatabase } from '../../db/migrate.ts';
import { acquireDataDirLock } from '../../embedded/data-dir-lock.ts';
import { startPostgres } from '../../embedded/postgres.ts';
import type { Log } from '../../log.ts';
import { POOLS } from '../../queues/catalog.ts';
import { ensureCatalog } from '../../services/catalogs/ensure.ts';
import { watchHealth } from '../../services/health/role-checks.ts';
import { startPools } from '../../workers/start.ts';
import { type DevSettings, devSettings, writeSettings } from './settings.ts';

export interface DevStackOptions {
  dataDir: string;
  /** 0: any free one. */
  port: number;
  environment: NodeJS.ProcessEnv;
  log: Log;
}

/** The whole of Ivory in one process on an embedded Postgres. */
export interface DevStack {
  url: string;
  dataDir: string;
  config: Config;
  deps: Deps;
  /** Finishes or hands back what runs, then stops everything, Postgres last. */
  close(): Promise<void>;
}

export const DEV_TENANT = 'acme';
export const DEV_CATALOG = 'ivory-lakehouse';

/** Throws ConflictError `dev.data_dir_in_use` when another process has the folder. */
export async function startDevStack({ dataDir, port, environment, log }: DevStackOptions): Promise<DevStack> {
  const folder = resolve(dataDir);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0)) await closer();
  };
  try {
    const lock = await acquireDataDirLock(folder);
    closers.unshift(async () => lock.release());
    const postgres = await startPostgres({ dataDir: join(folder, 'postgres') });
    closers.unshift(() => postgres.stop());
    await migrateDatabase(postgres.url);
    const settings: DevSettings = {
      ...devSettings(folder, environment),
      DATABASE_URL: postgres.url,
      PORT: String(port),
    };
    await mkdir(join(settings.TAP_FILES_ROOT ?? folder, DEV_TENANT), { recursive: true });
    const config = parseConfig(settings);
    const composed = await composeDeps(config, { role: 'dev', log });
    closers.unshift(composed.close);
    const ctx = contextFor(composed.deps, { tenantId: DEV_TENANT, actor: 'cli' });
    await ensureCatalog(ctx, { catalogName: DEV_CATALOG });
    const workers = await startPools(composed.deps, composed.store, POOLS);
    closers.unshift(() => workers.close());
    const health = watchHealth(composed.deps, { roles: ['api', ...POOLS], consumers: workers.consumers });
    closers.unshift(health.close);
    const server = await composeApi(config, composed.deps, composed.store, health);
    closers.unshift(() => server.close());
    closers.unshift(async () => health.drain());
    await writeSettings(folder, { ...settings, PORT: String(server.port) });
    return {
      url: server.url,
      dataDir: folder,
      config: { ...config, PORT: server.port },
      deps: composed.deps,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
