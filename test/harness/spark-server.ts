import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { until } from './until.ts';

const ENGINE = fileURLToPath(new URL('../../.engines/spark', import.meta.url));
/** Iceberg catalog of every server, in files under its warehouse folder. */
export const SPARK_CATALOG = 'lake';
/** Other people's processes share the cores. */
const START_TIMEOUT_MS = 180_000;

export interface SparkServer {
  port: number;
  /** `spark+http://127.0.0.1:<port>/cliservice?catalog=lake` */
  url: string;
  /** Folder of the catalog's tables. */
  warehouse: string;
  pid: number;
  startedInMs: number;
  /** How many jobs the engine itself counts: at work now, or ended by an error or a cancel. */
  jobs(status: 'running' | 'failed'): Promise<number>;
  /** What it wrote to its log: warnings and errors. */
  log(): string;
  stop(): Promise<void>;
}

export interface SparkServerOptions {
  port?: number;
  /** A folder that outlives the server; without it a new one goes with it. */
  warehouse?: string;
  /** More Spark settings. */
  conf?: Record<string, string>;
}

/** Whether `make engines` has brought Spark; says so loudly when not. */
export function sparkIsInstalled(): boolean {
  const installed = existsSync(join(ENGINE, 'installed.json'));
  if (!installed)
    console.warn('**** NO SPARK: `make engines` has not installed it, so these tests are SKIPPED.');
  return installed;
}

/**
 * A Spark Thrift server over HTTP with Iceberg, ready to be spoken to. It ends with stop() or with this process, however that ends.
 * Rejects with the end of its log when it ends before it is ready.
 */
export async function startSparkServer(options: SparkServerOptions = {}): Promise<SparkServer> {
  const startedAt = Date.now();
  const folder = mkdtempSync(join(tmpdir(), 'ivory-spark-'));
  const warehouse = options.warehouse ?? join(folder, 'warehouse');
  mkdirSync(join(folder, 'tmp'));
  const port = options.port ?? (await findFreePort());
  const uiPort = await findFreePort();
  const conf = { ...settings(folder, warehouse, uiPort), ...options.conf };
  const logFile = writeLogging(folder);
  const log = () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');
  const child = spawn(join(ENGINE, 'home', 'bin', 'spark-submit'), submission(port, folder, conf), {
    cwd: folder,
    detached: true,
    env: environment(folder),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const pid = child.pid ?? 0;
  const guard = guardAgainstOrphans(pid, folder);
  const ended = watchEnd(child);
  await until('Spark is ready', () => isReady(port, ended, log), START_TIMEOUT_MS);
  return {
    port,
    url: `spark+http://127.0.0.1:${port}/cliservice?catalog=${SPARK_CATALOG}`,
    warehouse,
    pid,
    startedInMs: Date.now() - startedAt,
    jobs: (status) => countJobs(uiPort, status),
    log,
    async stop() {
      guard.stdin.end('\n');
      if (ended.how() === null) process.kill(-pid, 'SIGKILL');
      await ended.promise;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Small enough to run beside the rest of the tests; no Hive metastore, so nothing is kept but the warehouse. */
function settings(folder: string, warehouse: string, uiPort: number): Record<string, string> {
  return {
    'spark.driver.host': '127.0.0.1',
    'spark.driver.bindAddress': '127.0.0.1',
    'spark.ui.port': String(uiPort),
    'spark.local.dir': join(folder, 'tmp'),
    'spark.sql.warehouse.dir': join(folder, 'hive'),
    'spark.sql.catalogImplementation': 'in-memory',
    'spark.sql.shuffle.partitions': '2',
    'spark.sql.extensions': 'org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions',
    [`spark.sql.catalog.${SPARK_CATALOG}`]: 'org.apache.iceberg.spark.SparkCatalog',
    [`spark.sql.catalog.${SPARK_CATALOG}.type`]: 'hadoop',
    [`spark.sql.catalog.${SPARK_CATALOG}.warehouse`]: warehouse,
  };
}

function submission(port: number, folder: string, conf: Record<string, string>): string[] {
  const jars = readdirSync(join(ENGINE, 'jars')).map((name) => join(ENGINE, 'jars', name));
  const java = [
    `-Dlog4j2.configurationFile=${join(folder, 'log4j2.properties')}`,
    `-Djava.io.tmpdir=${join(folder, 'tmp')}`,
  ];
  const hive = {
    'server2.transport.mode': 'http',
    'server2.thrift.http.port': port,
    'server2.thrift.http.path': 'cliservice',
  };
  return [
    ...['--class', 'org.apache.spark.sql.hive.thriftserver.HiveThriftServer2'],
    ...['--master', 'local[2]', '--driver-memory', '1536m', '--driver-java-options', java.join(' ')],
    ...['--jars', jars.join(',')],
    ...Object.entries(conf).flatMap(([name, value]) => ['--conf', `${name}=${value}`]),
    'spark-internal',
    ...Object.entries(hive).flatMap(([name, value]) => ['--hiveconf', `hive.${name}=${value}`]),
  ];
}

function environment(folder: string): Record<string, string> {
  const home = process.env['JAVA_HOME'];
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    // without it Java cannot name a file by another alphabet
    LC_ALL: 'C.UTF-8',
    SPARK_HOME: join(ENGINE, 'home'),
    SPARK_LOCAL_IP: '127.0.0.1',
    ...(home ? { JAVA_HOME: home } : {}),
  };
}

function writeLogging(folder: string): string {
  const file = join(folder, 'spark.log');
  writeFileSync(
    join(folder, 'log4j2.properties'),
    [
      'rootLogger.level = warn',
      'rootLogger.appenderRef.file.ref = file',
      'appender.file.type = File',
      'appender.file.name = file',
      `appender.file.fileName = ${file}`,
      'appender.file.layout.type = PatternLayout',
      'appender.file.layout.pattern = %d{HH:mm:ss.SSS} %p %c{1}: %m%n%ex',
    ].join('\n'),
  );
  return file;
}

/** Its input ends when this process does, however that happens; a line says that there is nothing left to do. */
function guardAgainstOrphans(pid: number, folder: string) {
  const script = 'read -r _ || { kill -KILL -"$0"; rm -rf -- "$1"; }';
  return spawn('/bin/sh', ['-c', script, String(pid), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

interface End {
  /** null while it runs. */
  how(): string | null;
  promise: Promise<unknown>;
}

function watchEnd(child: ChildProcess): End {
  let how: string | null = null;
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2_000);
  });
  child.on('error', (error) => {
    how = error.message;
  });
  child.on('exit', (code, signal) => {
    how = `ended with ${code ?? signal}: ${said}`;
  });
  return { how: () => how, promise: once(child, 'close') };
}

/** It answers HTTP when its services are up. */
async function isReady(port: number, ended: End, log: () => string): Promise<boolean> {
  if (ended.how() !== null) throw new Error(`Spark ${ended.how()}\n${log().slice(-4_000)}`);
  const answer = await fetch(`http://127.0.0.1:${port}/cliservice`, {
    method: 'OPTIONS',
    signal: AbortSignal.timeout(2_000),
  }).catch(() => null);
  return answer !== null;
}

async function countJobs(uiPort: number, status: string): Promise<number> {
  const api = `http://127.0.0.1:${uiPort}/api/v1/applications`;
  const [application] = await listOf(api);
  const id = typeof application === 'object' && application && 'id' in application ? application.id : '';
  return (await listOf(`${api}/${id}/jobs?status=${status}`)).length;
}

async function listOf(url: string): Promise<unknown[]> {
  const answer: unknown = await (await fetch(url)).json();
  return Array.isArray(answer) ? answer : [];
}
