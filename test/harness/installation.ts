import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPostgresLakehouse } from '../../src/adapters/lakehouse/postgres.ts';
import { sealConfig } from '../../src/domain/config-envelope.ts';
import { isAlive } from '../../src/embedded/process-identity.ts';
import type { JobName } from '../../src/queues/catalog.ts';
import { openQueueStore, type QueueStore } from '../../src/queues/connection.ts';
import { dispatchDue } from '../../src/services/runs/dispatch-due.ts';
import { type ConnectorValues, historyOf, insertConnector, runsOf } from './connectors.ts';
import { createTestDeps, TEST_CONFIG_KEY, TEST_MASTER_KEY, type TestDeps } from './context.ts';
import { type IvoryProcess, startIvory } from './processes.ts';
import { redisUrl } from './redis.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { until } from './until.ts';

const TAP = fileURLToPath(new URL('../fixtures/taps/tap-scripted.ts', import.meta.url));
const NUDGE_MS = 300;
export const NAMESPACE = 'ivory_tenant_acme';

export interface TapScript {
  rows?: number;
  /** Stands still after the first half until openGate. */
  gated?: boolean;
  /** Only its first tap stands still. */
  firstOnly?: boolean;
  grandchild?: boolean;
  stubborn?: boolean;
  explodes?: boolean;
}

export interface ScriptedConnector {
  id: string;
  stagingSchema: string;
  table: string;
  /** Lets every tap of this connector go on past its half, now and later. */
  openGate(): void;
  /** Process ids of its taps and their children, in the order they came to their half. */
  tapPids(): number[];
}

/** Real `ivory` processes on a database (and a Redis) of their own, and a hand on their queues. */
export interface Installation {
  deps: TestDeps;
  redis: RedisServer | null;
  environment: Record<string, string>;
  start(...args: string[]): Promise<IvoryProcess>;
  /** A tick of the scheduler, now. */
  nudge(
    tick: Extract<JobName, 'dispatch-due' | 'relay-outbox' | 'reap-lost' | 'sweep-waiting'>,
  ): Promise<void>;
  connector(script: TapScript, values?: Partial<ConnectorValues>): Promise<ScriptedConnector>;
  /** Makes the due connectors' runs and answers this one's. */
  dispatch(connector: ScriptedConnector): Promise<string>;
  run(connector: ScriptedConnector): ReturnType<typeof latestRun>;
  /** The connector's last history row, once its runs have ended; nudges the ticks meanwhile. */
  ended(
    connector: ScriptedConnector,
    timeoutMs?: number,
  ): Promise<Awaited<ReturnType<typeof historyOf>>[number]>;
  /** Rows in the lakehouse and how many of them differ. */
  loaded(connector: ScriptedConnector): Promise<{ rows: number; ids: number }>;
  close(): Promise<void>;
}

export interface InstallationOptions {
  /** Redis where this machine has one. */
  queues: 'redis' | 'postgres';
  leaseS?: number;
  deps?: TestDeps;
}

export async function openInstallation({
  queues,
  leaseS = 3,
  deps,
}: InstallationOptions): Promise<Installation> {
  const base = deps ?? (await createTestDeps());
  const redis = queues === 'redis' && redisUrl() !== null ? await startRedis() : null;
  const folder = await mkdtemp(join(tmpdir(), 'ivory-fault-'));
  const taps = join(folder, 'taps.json');
  await writeFile(
    taps,
    JSON.stringify({ 'tap-scripted': { command: [process.execPath, TAP], discover: false } }),
  );
  const environment = {
    DATABASE_URL: base.databaseUrl,
    ...(redis ? { REDIS_URL: redis.url } : {}),
    JWT_SECRET: 's'.repeat(32),
    IVORY_MASTER_KEY: TEST_MASTER_KEY.toString('base64'),
    IVORY_CONFIG_KEY: TEST_CONFIG_KEY.toString('base64'),
    CUSTOM_TAPS_FILE: taps,
    // its taps meet the test at files beside their working folder, and tell it their pids
    RUNNER_SANDBOX: 'off',
    LEASE_S: String(leaseS),
    SCHEDULE_JITTER_S: '0',
    DRAIN_S: '12',
    PORT: '0',
    TMPDIR: folder,
  };
  const store = await openQueueStore({ redisUrl: redis?.url, databaseUrl: base.databaseUrl });
  const processes: IvoryProcess[] = [];
  const own: TestDeps = { ...base, producer: store.producer() };
  const lake = createPostgresLakehouse({ url: base.databaseUrl });
  await lake.provision('acme', NAMESPACE).finally(() => lake.close());

  const nudge: Installation['nudge'] = (tick) => own.producer.add(tick, {});
  return {
    deps: own,
    redis,
    environment,
    nudge,
    async start(...args) {
      const process = await startIvory(args, environment);
      processes.push(process);
      return process;
    },
    connector: (script, values = {}) => scriptedConnector(own, folder, script, values),
    async dispatch(connector) {
      await dispatchDue(own);
      return (await latestRun(own, connector)).id;
    },
    run: (connector) => latestRun(own, connector),
    ended: (connector, timeoutMs) =>
      untilEnded(own, connector, nudge, timeoutMs).catch(async (error: unknown) => {
        const logs = processes.map(({ name, log }) => `${name}:\n${log()}`).join('\n');
        const run = JSON.stringify(await latestRun(own, connector));
        throw new Error(`the run has not ended: ${run}\n${logs}`, { cause: error });
      }),
    loaded: (connector) => loadedRows(own, connector),
    async close() {
      for (const { pid } of processes) if (isAlive(pid)) process.kill(pid, 'SIGCONT');
      await Promise.all(processes.map((process) => process.end('SIGKILL')));
      await closeAll(store, redis, base);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function closeAll(store: QueueStore, redis: RedisServer | null, deps: TestDeps): Promise<void> {
  await store.close();
  await redis?.stop();
  await deps.close();
}

async function scriptedConnector(
  deps: TestDeps,
  folder: string,
  { rows = 100, gated = false, ...script }: TapScript,
  values: Partial<ConnectorValues>,
): Promise<ScriptedConnector> {
  const name = `c_${randomBytes(4).toString('hex')}`;
  const gate = join(folder, `${name}.gate`);
  const pids = join(folder, `${name}.pids`);
  const config = { rows, pids, ...(gated ? { gate } : {}), ...script };
  const { id, stagingSchema } = await insertConnector(deps, {
    tapName: 'tap-scripted',
    destinationTable: name,
    configEncrypted: sealConfig(TEST_CONFIG_KEY, config),
    ...values,
  });
  return {
    id,
    stagingSchema,
    table: `${NAMESPACE}.${name}`,
    openGate: () => writeFileSync(gate, ''),
    tapPids: () => (existsSync(pids) ? readFileSync(pids, 'utf8').trim().split('\n').map(Number) : []),
  };
}

async function latestRun(deps: TestDeps, { id }: ScriptedConnector) {
  const run = (await runsOf(deps, id)).at(-1);
  if (!run) throw new Error(`no run of ${id}`);
  return run;
}

function untilEnded(
  deps: TestDeps,
  connector: ScriptedConnector,
  nudge: Installation['nudge'],
  timeoutMs?: number,
) {
  let nudgedAt = 0;
  return until(
    'the run ends',
    async () => {
      if (Date.now() - nudgedAt > NUDGE_MS) {
        nudgedAt = Date.now();
        await nudge('reap-lost').catch(() => {});
      }
      const runs = await runsOf(deps, connector.id);
      const history = await historyOf(deps, connector.id);
      return runs.length === history.length ? (history.at(-1) ?? null) : null;
    },
    timeoutMs,
  );
}

async function loadedRows({ database }: TestDeps, { table }: ScriptedConnector) {
  const [row] = await database.sql.unsafe<{ rows: number; ids: number }[]>(
    `select count(*)::int as rows, count(distinct id)::int as ids from ${table}`,
  );
  return row ?? { rows: 0, ids: 0 };
}
