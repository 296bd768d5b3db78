import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { migrateDatabase } from '../../src/db/migrate.ts';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { type EmbeddedPostgres, startPostgres } from '../../src/embedded/postgres.ts';
import { type RedisServer, startRedis } from '../../test/harness/redis-server.ts';

export interface PostgresService {
  url: string;
  port: number;
  /** SIGQUIT to the postmaster: no checkpoint, the next start recovers. */
  crash(): Promise<void>;
  startAgain(): Promise<void>;
  /** SIGSTOP and SIGCONT for the postmaster and all its processes. */
  freeze(): void;
  thaw(): void;
  /** Ends every `oneIn`-th connection of the fleet. Answers how many. */
  endBackends(oneIn: number): Promise<number>;
  close(): Promise<void>;
}

export interface RedisService {
  url: string;
  port: number;
  /** SIGKILL; it keeps nothing on disk. */
  lose(): Promise<void>;
  startAgain(): Promise<void>;
  flush(): Promise<void>;
  /** All keys there are. */
  keys(): Promise<string[]>;
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

/** A crash of the server is survived without them; only the machine's would not be. */
const SETTINGS = { fsync: 'off', log_min_messages: 'fatal', max_connections: '400' };

export async function startPostgresService(folder: string): Promise<PostgresService> {
  const dataDir = join(folder, 'postgres');
  const port = await findFreePort();
  const start = () => startPostgres({ dataDir, port, settings: SETTINGS, sync: false });
  let server: EmbeddedPostgres = await start();
  await migrateDatabase(server.url);
  const stopped: number[] = [];
  return {
    url: server.url,
    port,
    async crash() {
      process.kill(server.pid, 'SIGQUIT');
      await server.exited;
      await server.stop();
    },
    async startAgain() {
      server = await start();
    },
    freeze() {
      for (const pid of [server.pid, ...childrenOf(server.pid)])
        if (signalled(pid, 'SIGSTOP')) stopped.push(pid);
    },
    thaw() {
      for (const pid of stopped.splice(0)) signalled(pid, 'SIGCONT');
    },
    async endBackends(oneIn) {
      const sql = postgres(server.url, { max: 1, onnotice: () => {}, connect_timeout: 5 });
      try {
        const ended = await sql`select pg_terminate_backend(pid) from pg_stat_activity
          where application_name like 'ivory%' and pid % ${oneIn} = 0 and pid <> pg_backend_pid()`;
        return ended.length;
      } finally {
        await sql.end({ timeout: 1 });
      }
    },
    close: () => server.stop(),
  };
}

/** Throws where no redis-server runs. */
export async function startRedisService(): Promise<RedisService> {
  const started = async (port?: number) => {
    const redis = await startRedis({ port });
    if (redis === null) throw new Error('chaos needs redis-server: apt-get install redis-server');
    return redis;
  };
  let server: RedisServer = await started();
  const { port, url } = server;
  return {
    url,
    port,
    async lose() {
      signalled(server.pid, 'SIGKILL');
      await server.stop();
    },
    async startAgain() {
      server = await started(port);
    },
    flush: () => asking(url, async (redis) => void (await redis.flushall())),
    keys: () => asking(url, (redis) => redis.keys('*')),
    freeze: () => void signalled(server.pid, 'SIGSTOP'),
    thaw: () => void signalled(server.pid, 'SIGCONT'),
    close: () => server.stop(),
  };
}

async function asking<T>(url: string, ask: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { maxRetriesPerRequest: 3, connectTimeout: 5_000 });
  redis.on('error', () => {});
  try {
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}

/** False: the process is gone. */
export function signalled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent);
}

function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}
