import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UnavailableError } from '../errors.ts';
import type { PostgresBinaries } from './binaries.ts';
import { type Account, type Launcher, PLAIN_ENVIRONMENT } from './run-as.ts';

/** The files of one embedded Postgres: `cluster/` is its own, the rest ours. */
export interface Cluster {
  /** PGDATA. */
  dir: string;
  password: string;
}

export const SUPERUSER = 'postgres';

export function clusterDir(dataDir: string): string {
  return join(dataDir, 'cluster');
}

/** Whom an existing cluster belongs to: only that account can run it. */
export function clusterOwner(dataDir: string): Account | null {
  const stats = statSync(clusterDir(dataDir), { throwIfNoEntry: false });
  return stats ? { uid: stats.uid, gid: stats.gid } : null;
}

/** The cluster in the folder, made if there is none. It is made aside and renamed, so a half-made one is never taken for whole. */
export async function ensureCluster(
  dataDir: string,
  binaries: PostgresBinaries,
  launcher: Launcher,
  sync: boolean,
): Promise<Cluster> {
  const dir = clusterDir(dataDir);
  const password = ensurePassword(join(dataDir, 'password'));
  if (!existsSync(dir)) {
    const fresh = `${dir}.new`;
    rmSync(fresh, { recursive: true, force: true });
    await initialise(fresh, password, binaries, launcher, sync);
    renameSync(fresh, dir);
  }
  return { dir, password };
}

function ensurePassword(path: string): string {
  if (!existsSync(path)) writeFileSync(path, randomBytes(24).toString('base64url'), { mode: 0o600 });
  return readFileSync(path, 'utf8').trim();
}

async function initialise(
  dir: string,
  password: string,
  { initdb }: PostgresBinaries,
  { account, command }: Launcher,
  sync: boolean,
): Promise<void> {
  mkdirSync(dir, { mode: 0o700 });
  const passwordFile = `${dir}.password`;
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account) for (const path of [dir, passwordFile]) chownSync(path, account.uid, account.gid);
  const { file, args, options } = command(initdb, [
    `--pgdata=${dir}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=libc',
    '--locale=C',
    ...(sync ? [] : ['--no-sync']),
  ]);
  try {
    await promisify(execFile)(file, args, { ...options, cwd: '/', env: PLAIN_ENVIRONMENT, timeout: 120_000 });
  } catch (cause) {
    const stderr = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
    throw new UnavailableError(
      'dev.postgres_failed',
      `Postgres could not make its files in ${dir}: ${stderr}`,
      {
        cause,
      },
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
}
