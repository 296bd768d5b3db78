import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { findPostgresBinaries } from './binaries.ts';
import { clusterOwner, ensureCluster, SUPERUSER } from './cluster.ts';
import { acquireDataDirLock } from './data-dir-lock.ts';
import { findFreePort } from './free-port.ts';
import { endLeftover, type Postmaster, type PostmasterOptions, startPostmaster } from './postmaster.ts';
import { launcherFor } from './run-as.ts';

export interface PostgresOptions {
  dataDir: string;
  /** Absent: the port this folder had before if it is free, else any free one. */
  port?: number;
  /** Server settings by name, over the defaults. */
  settings?: Record<string, string>;
  log?(line: string): void;
  /** False skips flushing new files to disk: for tests only. */
  sync?: boolean;
}

export interface EmbeddedPostgres {
  /** Of the superuser, to database `postgres`; carries the password. */
  url: string;
  port: number;
  pid: number;
  /** Resolves when the server ends, also when nobody asked it to. */
  exited: Promise<void>;
  stop(): Promise<void>;
}

const DEFAULTS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '300',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  logging_collector: 'off',
  log_destination: 'stderr',
};
const PORT_TRIES = 3;

/**
 * Starts the Postgres that npm brought on files in `dataDir` (made at the first start), for this process alone, as root or not.
 * It listens on 127.0.0.1 and ends with stop() or with this process. Throws ConflictError `dev.data_dir_in_use`,
 * UnavailableError `dev.postgres_missing` | `dev.postgres_failed`, InvalidError `dev.no_account` | `dev.data_dir_unreachable`.
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  mkdirSync(dataDir, { recursive: true });
  const lock = acquireDataDirLock(dataDir);
  try {
    const { password, port, server } = await launch(dataDir, options);
    const url = `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`;
    const stop = () => server.stop().finally(() => lock.release());
    return { url, port, pid: server.pid, exited: server.exited, stop };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function launch(dataDir: string, options: PostgresOptions) {
  const binaries = findPostgresBinaries();
  const launcher = launcherFor([binaries.initdb, dataDir], clusterOwner(dataDir));
  const cluster = await ensureCluster(dataDir, binaries, launcher, options.sync ?? true);
  await endLeftover(cluster.dir);
  const { server, port } = await startOnPort(join(dataDir, 'port'), options.port, {
    binary: binaries.postgres,
    dir: cluster.dir,
    launcher,
    settings: { ...DEFAULTS, ...options.settings },
    log: options.log ?? (() => {}),
  });
  return { password: cluster.password, port, server };
}

/** A free port can be taken by another before the server binds it: then the next one. A port that was asked for is not replaced. */
async function startOnPort(
  portFile: string,
  asked: number | undefined,
  options: PostmasterOptions,
): Promise<{ server: Postmaster; port: number }> {
  for (let tries = 1; ; tries += 1) {
    const port = asked ?? (await findFreePort(tries === 1 ? rememberedPort(portFile) : undefined));
    try {
      const server = await startPostmaster({
        ...options,
        settings: { ...options.settings, port: String(port) },
      });
      writeFileSync(portFile, String(port));
      return { server, port };
    } catch (error) {
      const taken = error instanceof Error && error.message.includes('could not create any TCP/IP sockets');
      if (!taken || asked !== undefined || tries === PORT_TRIES) throw error;
    }
  }
}

function rememberedPort(path: string): number | undefined {
  if (!existsSync(path)) return undefined;
  const port = Number(readFileSync(path, 'utf8'));
  return port > 0 && port < 65_536 ? port : undefined;
}
