import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../src/db/client.ts';
import { migrateDatabase } from '../../src/db/migrate.ts';
import { startPostgres } from '../../src/embedded/postgres.ts';
import { createTestDeps, type TestDeps } from './context.ts';

/** A server of a test's own, which it may stop, start again and hold still, with deps on it. */
export interface OwnPostgres {
  deps: TestDeps;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Holds every process of the server: connections stay, nothing answers. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

export async function startOwnPostgres(): Promise<OwnPostgres> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ivory-own-'));
  const options = { dataDir, settings: { fsync: 'off' }, sync: false };
  let server = await startPostgres(options);
  await migrateDatabase(server.url);
  const unused = await createTestDeps();
  await unused.close();
  const database = openDatabase(server.url);
  let frozen: number[] = [];
  function thaw(): void {
    for (const pid of frozen) signal(pid, 'SIGCONT');
    frozen = [];
  }
  return {
    deps: { ...unused, database, databaseUrl: server.url, close: () => database.close() },
    stop: () => server.stop(),
    async start() {
      server = await startPostgres({ ...options, port: server.port });
    },
    freeze() {
      // the postmaster first: it starts no more of them
      signal(server.pid, 'SIGSTOP');
      frozen = [server.pid, ...childrenOf(server.pid)];
      for (const pid of frozen) signal(pid, 'SIGSTOP');
    },
    thaw,
    async close() {
      thaw();
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function childrenOf(parent: number): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent ? [pid] : []));
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it ended by itself meanwhile
  }
}
