import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { findFreePort } from '../../src/embedded/free-port.ts';
import { startEngine } from './engine-process.ts';
import { until } from './until.ts';

const STAMP = fileURLToPath(new URL('../../.engines/falkordb/installed.json', import.meta.url));
const START_TIMEOUT_MS = 60_000;
const PASSWORD = 'operator';

export interface FalkordbServer {
  port: number;
  /** As the login Ivory is given: may make users, see whether graphs are there, and nothing of what is in them. */
  url: string;
  /** As the operator: may everything. */
  admin: Redis;
  stop(): Promise<void>;
}

/** Whether `make engines` has brought FalkorDB; says so loudly when not. */
export function falkordbIsInstalled(): boolean {
  const installed = existsSync(STAMP);
  if (!installed)
    console.warn('**** NO FALKORDB: `make engines` has not installed it, so these tests are SKIPPED.');
  return installed;
}

export interface FalkordbServerOptions {
  port?: number;
}

/** A FalkorDB that keeps nothing on disk, set up as docs/foundry-stores.md asks. */
export async function startFalkordb(options: FalkordbServerOptions = {}): Promise<FalkordbServer> {
  const { command } = z
    .object({ command: z.array(z.string()) })
    .parse(JSON.parse(readFileSync(STAMP, 'utf8')));
  const folder = mkdtempSync(join(tmpdir(), 'ivory-falkordb-'));
  const port = options.port ?? (await findFreePort());
  const engine = startEngine([...command, ...moduleSettings(folder), ...flags(port, folder)], {
    folder,
    env: {},
  });
  const admin = new Redis({
    port,
    host: '127.0.0.1',
    password: PASSWORD,
    stringNumbers: true,
    retryStrategy: () => 50,
    maxRetriesPerRequest: null,
  });
  admin.on('error', () => {});
  await until('FalkorDB is ready', () => isReady(engine.ended, admin), START_TIMEOUT_MS);
  await admin.call(
    'ACL',
    'SETUSER',
    'ivory',
    'reset',
    'on',
    '>ivory',
    '~*',
    '+acl|setuser',
    '+exists',
    '+ping',
  );
  return {
    port,
    url: `redis://ivory:ivory@127.0.0.1:${port}`,
    admin,
    async stop() {
      admin.disconnect();
      await engine.stop();
    },
  };
}

/** They follow --loadmodule, which ends the command. */
function moduleSettings(folder: string): string[] {
  return [
    'QUERY_MEM_CAPACITY',
    String(64 * 1024 ** 2),
    'IMPORT_FOLDER',
    `${folder}/`,
    'TIMEOUT_MAX',
    '60000',
  ];
}

function flags(port: number, folder: string): string[] {
  return [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
    ...['--appendonly', 'no', '--requirepass', PASSWORD],
  ];
}

async function isReady(ended: () => string | null, admin: Redis): Promise<boolean> {
  const end = ended();
  if (end !== null) throw new Error(`FalkorDB ${end}`);
  if (admin.status !== 'ready') return false;
  return (await admin.ping()) === 'PONG';
}
