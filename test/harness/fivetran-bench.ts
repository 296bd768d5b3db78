import { createPostgresLakehouse } from '../../src/adapters/lakehouse/postgres.ts';
import { createFivetranRunner } from '../../src/adapters/runner/fivetran/fivetran.ts';
import { sealConfig } from '../../src/domain/config-envelope.ts';
import type { LakeValue } from '../../src/domain/lake-type.ts';
import { addCatalog } from '../../src/services/catalogs/add.ts';
import { dispatchDue } from '../../src/services/runs/dispatch-due.ts';
import { executeRun } from '../../src/services/runs/execute.ts';
import { loadRun } from '../../src/services/runs/load.ts';
import { createSourceMemory } from '../../src/services/runs/source-memory.ts';
import { createExpressionEngine } from '../../src/transform/expression/engine.ts';
import {
  type ConnectorValues,
  connectorRow,
  historyOf,
  insertConnector,
  runsOf,
  tenantContext,
} from './connectors.ts';
import { createTestDeps, TEST_CONFIG_KEY, type TestDeps } from './context.ts';
import { createFivetranDestination } from './fivetran-destination.ts';
import {
  type FivetranStub,
  STUB_CONNECTION,
  STUB_KEY,
  STUB_SECRET,
  startFivetranStub,
} from './fivetran-stub.ts';

export const STUB_CONFIG = { api_key: STUB_KEY, api_secret: STUB_SECRET, connection_id: STUB_CONNECTION };

type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

/** Pauses take no time, but let everything else have its turn. */
export const noWaiting: Wait = (_ms, signal) =>
  new Promise((resolve, reject) => setImmediate(() => (signal.aborted ? reject(signal.reason) : resolve())));

export type FivetranBench = Awaited<ReturnType<typeof openFivetranBench>>;

/** A control plane with the Fivetran runner on a stub of Fivetran, and one step of a run at a time. */
export async function openFivetranBench() {
  const deps: TestDeps = await createTestDeps({ expressions: createExpressionEngine() });
  deps.lakehouse = createPostgresLakehouse({ url: deps.databaseUrl });
  await addCatalog(tenantContext(deps), { catalogName: 'lake' });
  const stub = await startFivetranStub();
  const pausing = { wait: noWaiting };
  const runner = createFivetranRunner({
    apiUrl: stub.url,
    pollMs: 15_000,
    runTimeoutMs: 3_600_000,
    pool: deps.database.pool,
    ...createSourceMemory(deps.database),
    wait: (ms, signal) => pausing.wait(ms, signal),
  });
  deps.runners = { fivetran: runner };

  const always = new AbortController().signal;
  const bench = {
    deps,
    stub,
    runner,
    /** How pauses pass. */
    pausing,
    /** A connector whose staging schema the stub's connection writes to. */
    async register(values: Partial<ConnectorValues> = {}) {
      const connector = await insertConnector(deps, {
        connectorType: 'fivetran',
        tapName: 'salesforce',
        sourceSystem: 'salesforce',
        configEncrypted: sealConfig(TEST_CONFIG_KEY, STUB_CONFIG),
        ...values,
      });
      stub.reset(connector.stagingSchema);
      return {
        connector,
        destination: createFivetranDestination(deps.database.sql, connector.stagingSchema),
      };
    },
    /** Makes the connector's next run; answers its id. */
    async dispatch(connectorId: string): Promise<string> {
      await deps.database
        .sql`update etl.meltano_connectors set next_run_at = now() - interval '1 second' where id = ${connectorId}`;
      await dispatchDue(deps);
      return (await runsOf(deps, connectorId)).at(-1)?.id ?? '';
    },
    execute: (runId: string, signal = always) => executeRun(deps, { runId, workerId: 'w', signal }),
    load: (runId: string) => loadRun(deps, { runId, workerId: 'w', signal: always, lastAttempt: true }),
    /** A run from its dispatch to its end; answers its history. */
    async carry(connectorId: string) {
      const runId = await bench.dispatch(connectorId);
      await bench.execute(runId);
      await bench.load(runId);
      const history = (await historyOf(deps, connectorId)).at(-1);
      if (history?.id !== runId) throw new Error(`run ${runId} has not ended`);
      return history;
    },
    async stateOf(connectorId: string): Promise<unknown> {
      const { tapState } = await connectorRow(deps, connectorId);
      return tapState === null ? null : JSON.parse(tapState);
    },
    async logOf(runId: string): Promise<string> {
      const [row] = await deps.database.sql`select log_tail from etl.runner_jobs where id = ${runId}`;
      return String(row?.['log_tail']);
    },
    async lakeRows(table: string, columns: string): Promise<LakeValue[][]> {
      const limits = { maxRows: 10_000, timeoutMs: 10_000 };
      const statement = `select ${columns} from "${table}" order by 1, 2`;
      return (await deps.lakehouse.query('acme', 'ivory_tenant_acme', statement, limits)).rows;
    },
    /** From now on each sync the runner starts does this, and has succeeded at this time when it is next looked at. */
    syncs(work: () => Promise<void>, succeededAt: string): void {
      stub.onSync = async () => {
        await work();
        stub.become({ sync_state: 'syncing' });
      };
      stub.onLook = (nth) => {
        if (nth > 1 && stub.connection.status.sync_state === 'syncing')
          stub.become({ sync_state: 'scheduled' }, { succeeded_at: succeededAt });
      };
    },
    async close() {
      await stub.close();
      await deps.expressions.close();
      await deps.lakehouse.close();
      await deps.close();
    },
  };
  return bench;
}

export function startedSyncs({ requests }: FivetranStub): number {
  return requests.filter((request) => request.endsWith('/sync')).length;
}
