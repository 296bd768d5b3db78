import { Socket } from 'node:net';
import { createPostgresLakehouse } from '../../../src/adapters/lakehouse/postgres.ts';
import { contextFor, type Deps } from '../../../src/context.ts';
import { openDatabase } from '../../../src/db/client.ts';
import type { ConnectorRow } from '../../../src/db/queries/run-finish.ts';
import { createLog } from '../../../src/log.ts';
import { NO_METRICS } from '../../../src/ports/metrics.ts';
import { NO_TRACING } from '../../../src/ports/tracing.ts';
import { loadStreams } from '../../../src/services/runs/load-streams.ts';

/** What load-streams-killed.test.ts hands over as JSON in the first argument. */
export interface WorkerTask {
  databaseUrl: string;
  connector: ConnectorRow;
  runId: string;
  loadId: number;
  insideFromRows: number;
  /** Kills itself, without a word to anyone, when it has sent so many messages to Postgres; null: never. */
  killedAfter: number | null;
}

/** Loads one run and prints how many messages it sent, unless it is killed. */
async function main({ databaseUrl, killedAfter, ...run }: WorkerTask): Promise<void> {
  const sent = countMessages(killedAfter);
  const database = openDatabase(databaseUrl, { maxConnections: 4 });
  const lakehouse = createPostgresLakehouse({
    url: databaseUrl,
    maxConnections: 2,
    besideControlPlane: true,
  });
  const expressions = { check() {}, evaluate: async () => [], close: async () => {} };
  type Used = 'database' | 'lakehouse' | 'expressions' | 'log' | 'metrics' | 'tracing';
  const log = createLog({ level: 'silent', pretty: false, role: 'test' });
  const idle = { log, metrics: NO_METRICS, tracing: NO_TRACING };
  const deps: Pick<Deps, Used> = { database, lakehouse, expressions, ...idle };
  const ctx = contextFor(deps as Deps, {
    tenantId: run.connector.tenantId,
    actor: 'worker:transform',
    requestId: run.runId,
  });
  const signal = new AbortController().signal;
  await loadStreams(ctx, { ...run, streams: [], guard: async () => {}, signal });
  process.stdout.write(String(sent()));
  await Promise.all([database.close(), lakehouse.close()]);
}

function countMessages(killedAfter: number | null): () => number {
  let sent = 0;
  const { write } = Socket.prototype;
  Socket.prototype.write = function counted(this: Socket, ...args: Parameters<typeof write>) {
    const taken = write.apply(this, args);
    sent += 1;
    if (sent === killedAfter) process.kill(process.pid, 'SIGKILL');
    return taken;
  } as typeof write;
  return () => sent;
}

if (process.argv[2]) await main(JSON.parse(process.argv[2]));
