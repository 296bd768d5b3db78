import { createPostgresLakehouse } from '../../../src/adapters/lakehouse/postgres.ts';
import { sealConfig } from '../../../src/domain/config-envelope.ts';
import type { Runner } from '../../../src/ports/runner.ts';
import { dispatchDue } from '../../../src/services/runs/dispatch-due.ts';
import { executeRun } from '../../../src/services/runs/execute.ts';
import { loadRun } from '../../../src/services/runs/load.ts';
import { createExpressionEngine } from '../../../src/transform/expression/engine.ts';
import { type ConnectorValues, connectorRow, historyOf, insertConnector, runsOf } from '../connectors.ts';
import { createTestDeps, TEST_CONFIG_KEY, type TestDeps } from '../context.ts';

/** Runs of connectors of one runner as workers carry them, from their slot to the lakehouse. */
export interface SyncBench {
  deps: TestDeps;
  connector(
    config: Record<string, unknown>,
    values: Partial<ConnectorValues>,
  ): Promise<{ id: string; stagingSchema: string }>;
  reconfigure(id: string, config: Record<string, unknown>): Promise<void>;
  /** One run to its end; its history row, its log and the state the connector has then. */
  sync(id: string): Promise<Synced>;
  close(): Promise<void>;
}

export interface Synced {
  history: Awaited<ReturnType<typeof historyOf>>[number];
  log: string;
  tapState: string | null;
}

export const NAMESPACE = 'ivory_tenant_acme';

export async function openSyncBench(runnerOn: (deps: TestDeps) => Runner): Promise<SyncBench> {
  const deps = await createTestDeps({ expressions: createExpressionEngine() });
  deps.lakehouse = createPostgresLakehouse({ url: deps.databaseUrl });
  await deps.lakehouse.provision('acme', NAMESPACE);
  const runner = runnerOn(deps);
  const own: TestDeps = { ...deps, runners: { [runner.type]: runner } };
  const { sql } = deps.database;
  return {
    deps: own,
    connector: (config, values) =>
      insertConnector(own, {
        connectorType: runner.type,
        sourceSystem: runner.type,
        configEncrypted: sealConfig(TEST_CONFIG_KEY, config),
        ...values,
      }),
    async reconfigure(id, config) {
      const sealed = sealConfig(TEST_CONFIG_KEY, config);
      await sql`update etl.meltano_connectors set config_encrypted = ${sealed} where id = ${id}`;
    },
    async sync(id) {
      await sql`update etl.meltano_connectors set next_run_at = now() - interval '1 second', next_trigger = null where id = ${id}`;
      await dispatchDue(own);
      const runId = (await runsOf(own, id)).at(-1)?.id ?? '';
      const work = { runId, workerId: 'w', signal: new AbortController().signal };
      await executeRun(own, work);
      await loadRun(own, { ...work, lastAttempt: true });
      const history = (await historyOf(own, id)).at(-1);
      if (history?.id !== runId) throw new Error(`run ${runId} has not ended`);
      return { history, log: await logOf(runId), tapState: (await connectorRow(own, id)).tapState };
    },
    async close() {
      await deps.expressions.close();
      await deps.lakehouse.close();
      await deps.close();
    },
  };

  async function logOf(runId: string): Promise<string> {
    const [run] = await sql<
      { log: string }[]
    >`select log_tail as log from etl.runner_jobs where id = ${runId}`;
    return run?.log ?? '';
  }
}
