import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { startEngine } from './engine-process.ts';
import { until } from './until.ts';

const ENGINE = fileURLToPath(new URL('../../.engines/questdb', import.meta.url));
/** Other people's processes share the cores. */
const START_TIMEOUT_MS = 120_000;

export interface QuestdbServer {
  port: number;
  /** The login that may only read. */
  url: string;
  adminUrl: string;
  /** Runs one statement as the administrator and answers its rows as text. */
  admin(statement: string): Promise<(string | null)[][]>;
  /** What strangers' statements the server is at work on. */
  activity(): Promise<string[]>;
  stop(): Promise<void>;
}

/** Whether `make engines` has brought QuestDB; says so loudly when not. */
export function questdbIsInstalled(): boolean {
  const installed = existsSync(join(ENGINE, 'installed.json'));
  if (!installed)
    console.warn('**** NO QUESTDB: `make engines` has not installed it, so these tests are SKIPPED.');
  return installed;
}

export interface QuestdbServerOptions {
  port?: number;
  /** A folder that outlives the server; without it a new one goes with it. */
  dataDir?: string;
}

/** A QuestDB that speaks the Postgres wire only, set up as docs/foundry-stores.md asks. */
export async function startQuestdb(options: QuestdbServerOptions = {}): Promise<QuestdbServer> {
  const folder = mkdtempSync(join(tmpdir(), 'ivory-questdb-'));
  const dataDir = options.dataDir ?? join(folder, 'data');
  mkdirSync(dataDir, { recursive: true });
  const port = options.port ?? (await findFreePort());
  const home = process.env['JAVA_HOME'];
  const java = home ? join(home, 'bin', 'java') : 'java';
  const engine = startEngine(
    [
      ...[java, '-Xmx512m', '-XX:+UseSerialGC', '-p', join(ENGINE, 'questdb.jar')],
      ...['-m', 'io.questdb/io.questdb.ServerMain', '-d', dataDir],
    ],
    { folder, env: settings(port) },
  );
  const adminUrl = `postgres://admin:quest@127.0.0.1:${port}/qdb`;
  const admin = (statement: string) => rowsOf(adminUrl, statement);
  await until('QuestDB is ready', () => isReady(engine.ended, admin), START_TIMEOUT_MS);
  return {
    port,
    url: `postgres://reader:ro@127.0.0.1:${port}/qdb`,
    adminUrl,
    admin,
    async activity() {
      const rows = await admin('SELECT query FROM query_activity()');
      return rows.flatMap(([query]) => (query && !query.includes('query_activity()') ? [query] : []));
    },
    stop: engine.stop,
  };
}

function settings(port: number): Record<string, string> {
  return {
    QDB_PG_NET_BIND_TO: `127.0.0.1:${port}`,
    QDB_PG_READONLY_USER_ENABLED: 'true',
    QDB_PG_READONLY_USER: 'reader',
    QDB_PG_READONLY_PASSWORD: 'ro',
    QDB_HTTP_ENABLED: 'false',
    QDB_HTTP_MIN_ENABLED: 'false',
    QDB_LINE_TCP_ENABLED: 'false',
    QDB_TELEMETRY_ENABLED: 'false',
    QDB_SHARED_WORKER_COUNT: '2',
    QDB_CAIRO_SQL_COPY_ROOT: '',
    QDB_CIRCUIT_BREAKER_THROTTLE: '10000',
    QDB_PG_WORKER_COUNT: '4',
    // what ends a query here is to be Ivory
    QDB_QUERY_TIMEOUT: '10m',
  };
}

async function isReady(ended: () => string | null, admin: QuestdbServer['admin']): Promise<boolean> {
  const end = ended();
  if (end !== null) throw new Error(`QuestDB ${end}`);
  return admin('SELECT 1').then(
    () => true,
    () => false,
  );
}

async function rowsOf(url: string, statement: string): Promise<(string | null)[][]> {
  const sql = postgres(url, { max: 1, fetch_types: false, prepare: false, onnotice: () => {} });
  try {
    const rows = await sql.unsafe(statement).raw();
    return rows.map((row) => row.map((value) => value?.toString() ?? null));
  } finally {
    await sql.end({ timeout: 0 });
  }
}
