import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { findFreePort } from '../../src/embedded/free-port.ts';

export interface RedisServer {
  url: string;
  port: number;
  /** For a test that stops the process without ending it. */
  pid: number;
  stop(): Promise<void>;
}

export interface RedisServerOptions {
  port?: number;
  policy?: string;
  /** More command line flags. */
  flags?: string[];
}

const READY = 'Ready to accept connections';

/** A Redis that keeps nothing on disk, or null where no redis-server runs. It ends with stop() or with this process. */
export async function startRedis({
  port,
  policy = 'noeviction',
  flags: more = [],
}: RedisServerOptions = {}): Promise<RedisServer | null> {
  const binary = findRedisServer();
  if (binary === null) return null;
  const chosen = port ?? (await findFreePort());
  const dir = mkdtempSync(join(tmpdir(), 'ivory-redis-'));
  const flags = ['--port', String(chosen), '--bind', '127.0.0.1', '--dir', dir, '--maxmemory-policy', policy];
  const child = spawn(binary, [...flags, '--save', '', '--appendonly', 'no', ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => line.includes(READY) && resolve());
    exited.then(() => reject(new Error(`redis-server on port ${chosen} ended at once`)));
  });
  async function stop() {
    process.off('exit', end);
    child.kill('SIGTERM');
    await exited;
    rmSync(dir, { recursive: true, force: true });
  }
  return { url: `redis://127.0.0.1:${chosen}`, port: chosen, pid: child.pid ?? 0, stop };
}

function findRedisServer(): string | null {
  const runs = (binary: string) => spawnSync(binary, ['--version'], { timeout: 5_000 }).status === 0;
  return ['redis-server', ...packagedServers()].find(runs) ?? null;
}

/** npm `@falkordblite/linux-x64` carries one; it needs a newer libc than some machines have. */
function packagedServers(): string[] {
  try {
    const root = dirname(createRequire(import.meta.url).resolve('@falkordblite/linux-x64/package.json'));
    return [join(root, 'redis-server'), join(root, 'bin', 'redis-server')].filter((path) => existsSync(path));
  } catch {
    return [];
  }
}
