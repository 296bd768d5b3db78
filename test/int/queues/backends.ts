import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startPostgres } from '../../../src/embedded/postgres.ts';
import { openQueueStore, type QueueStore } from '../../../src/queues/connection.ts';
import { runSql } from '../../harness/admin.ts';
import { createTestDatabase } from '../../harness/database.ts';
import { redisUrl } from '../../harness/redis.ts';
import { startRedis } from '../../harness/redis-server.ts';

/** A place of its own for the queues of one test. */
export interface Place {
  open(): Promise<QueueStore>;
  /** Forgets everything, as FLUSHALL does. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** A server of its own, which a test may stop and start again. */
export interface Server {
  open(): Promise<QueueStore>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops it if it runs and removes its files. */
  close(): Promise<void>;
}

export interface Backend {
  kind: 'redis' | 'postgres';
  place(): Promise<Place>;
  server(): Promise<Server>;
}

const NO_DATABASE = 'postgres://nobody@127.0.0.1:1/none';

/** The stores this machine can run. */
export function backends(): Backend[] {
  const url = redisUrl();
  const postgres: Backend = { kind: 'postgres', place: postgresPlace, server: postgresServer };
  if (url === null) return [postgres];
  return [{ kind: 'redis', place: () => redisPlace(url), server: redisServer }, postgres];
}

async function redisPlace(url: string): Promise<Place> {
  const prefix = `test-${randomBytes(4).toString('hex')}`;
  async function flush() {
    const redis = new Redis(url);
    const keys = await redis.keys(`${prefix}:*`);
    if (keys.length > 0) await redis.del(keys);
    redis.disconnect();
  }
  return {
    open: () => openQueueStore({ redisUrl: url, databaseUrl: NO_DATABASE, prefix }),
    flush,
    close: flush,
  };
}

async function postgresPlace(): Promise<Place> {
  const { url, close } = await createTestDatabase();
  const flush = `do $$ declare t text; begin
    for t in select tablename from pg_tables where schemaname = 'bullmq' and tablename <> 'migration' loop
      execute format('truncate bullmq.%I cascade', t);
    end loop; end $$`;
  return { open: () => openQueueStore({ databaseUrl: url }), flush: () => runSql(url, flush), close };
}

async function redisServer(): Promise<Server> {
  let server = await startRedis();
  if (server === null) throw new Error('redis-server was there a moment ago');
  const { url, port } = server;
  const stop = async () => {
    await server?.stop();
    server = null;
  };
  return {
    open: () => openQueueStore({ redisUrl: url, databaseUrl: NO_DATABASE }),
    stop,
    start: async () => {
      server = await startRedis({ port });
    },
    close: stop,
  };
}

async function postgresServer(): Promise<Server> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ivory-queue-'));
  const settings = { fsync: 'off' };
  let server: Awaited<ReturnType<typeof startPostgres>> | null = await startPostgres({
    dataDir,
    settings,
    sync: false,
  });
  const { url } = server;
  const stop = async () => {
    await server?.stop();
    server = null;
  };
  return {
    open: () => openQueueStore({ databaseUrl: url }),
    stop,
    start: async () => {
      server = await startPostgres({ dataDir, settings });
    },
    async close() {
      await stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
