import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCustomRunner } from '../../src/adapters/runner/custom/custom.ts';
import type { Deps } from '../../src/context.ts';
import { sealConfig } from '../../src/domain/config-envelope.ts';
import { AppError } from '../../src/errors.ts';
import { addCatalog } from '../../src/services/catalogs/add.ts';
import { dispatchDue } from '../../src/services/runs/dispatch-due.ts';
import { executeRun } from '../../src/services/runs/execute.ts';
import { loadRun } from '../../src/services/runs/load.ts';
import { reapLost } from '../../src/services/runs/reap-lost.ts';
import { createExpressionEngine } from '../../src/transform/expression/engine.ts';
import { historyOf, insertConnector, runsOf, tenantContext } from '../harness/connectors.ts';
import { createTestDeps, TEST_CONFIG_KEY, type TestDeps } from '../harness/context.ts';
import { testProcessHost } from '../harness/fake-taps.ts';
import { Killed, mortalDeps } from '../harness/mortal.ts';
import { rowsOf, type SourceStep, scriptedConfig } from '../harness/runner-contract/source-script.ts';
import { type SparkInstallation, startSparkInstallation } from '../harness/spark-lakehouse.ts';
import { sparkIsInstalled } from '../harness/spark-server.ts';
import { NAMESPACE, TENANT } from '../int/lakehouse/contract.ts';
import { mapField } from '../int/load/fixtures.ts';

const SCRIPT = fileURLToPath(new URL('../harness/runner-contract/script-tap.ts', import.meta.url));
const always = new AbortController().signal;

describe.skipIf(!sparkIsInstalled())('a connector into Iceberg on Spark', () => {
  let spark: SparkInstallation;
  let deps: TestDeps;

  beforeAll(async () => {
    spark = await startSparkInstallation();
    deps = await createTestDeps({
      expressions: createExpressionEngine(),
      lakehouse: spark.lakehouse('parquet'),
    });
    const taps = new Map([
      ['tap-scripted', { command: [process.execPath, SCRIPT] as const, discover: true }],
    ]);
    const { pool } = deps.database;
    const host = testProcessHost();
    deps.runners = { custom: createCustomRunner({ host, pool, taps, idleTimeoutMs: 60_000 }) };
    await addCatalog(tenantContext(deps), { catalogName: 'lake' });
  });
  afterAll(async () => {
    await deps?.expressions.close();
    await deps?.close();
    await spark?.close();
  });

  function register(table: string, upTo: number) {
    return insertConnector(deps, {
      tapName: 'tap-scripted',
      destinationTable: table,
      configEncrypted: configUpTo(upTo),
    });
  }

  /** What the source holds from now on. */
  async function grow(connectorId: string, upTo: number): Promise<void> {
    await deps.database.sql`update etl.meltano_connectors
      set config_encrypted = ${configUpTo(upTo)}, next_run_at = now() - interval '1 second' where id = ${connectorId}`;
  }

  /** From the slot to staged rows. */
  async function stage(connectorId: string): Promise<string> {
    await dispatchDue(deps);
    const runId = (await runsOf(deps, connectorId)).at(-1)?.id ?? '';
    await executeRun(deps, { runId, workerId: 'w', signal: always });
    return runId;
  }

  const load = (runId: string, as: Deps = deps) =>
    loadRun(as, { runId, workerId: 'w', signal: always, lastAttempt: false });

  const rowsIn = async (table: string, columns: string) =>
    (
      await deps.lakehouse.query(TENANT, NAMESPACE, `select ${columns} from ${table} order by 1`, {
        maxRows: 10_000,
        timeoutMs: 60_000,
      })
    ).rows;

  /** Past the lakehouse: a tenant's reader sees no metadata. */
  async function snapshotsOf(table: string): Promise<unknown> {
    const client = spark.client();
    const { rows } = await client.query(`SELECT count(*) FROM ${NAMESPACE}.${table}.history`);
    await client.close();
    return rows[0]?.[0];
  }

  const asLoaded = (upTo: number) =>
    rowsOf('deals', 1, upTo).map(({ id, name, amount, updated_at }) => [
      BigInt(id),
      name,
      amount,
      // as the loader stages it
      updated_at.replace('Z', ''),
    ]);

  test('two runs: rows equal those of the source, each run only what is new, every run one snapshot', async () => {
    const connector = await register('crm', 300);
    await load(await stage(connector.id));
    expect(await rowsIn('crm__deals', 'id, name, cast(amount as double), updated_at')).toEqual(asLoaded(300));
    await grow(connector.id, 450);
    await load(await stage(connector.id));
    expect(await rowsIn('crm__deals', 'id, name, cast(amount as double), updated_at')).toEqual(asLoaded(450));
    const history = await historyOf(deps, connector.id);
    expect(history.map(({ status, rowsLoaded }) => [status, rowsLoaded])).toEqual([
      ['completed', 300],
      ['completed', 150],
    ]);
    expect(await snapshotsOf('crm__deals')).toBe(2n);
  });

  test('mapped, with rows that are refused: types, expressions and counts hold', async () => {
    const connector = await register('mapped', 100);
    await mapField(deps, connector, {
      sourceField: 'id',
      targetColumn: 'deal_id',
      targetType: 'long',
      isKey: true,
    });
    const transformFn = "float(v) if float(v) > 10 else float('x')";
    await mapField(deps, connector, {
      sourceField: 'amount',
      targetColumn: 'usd',
      targetType: 'double',
      transformFn,
    });
    await load(await stage(connector.id));
    const [history] = await historyOf(deps, connector.id);
    expect(history).toMatchObject({ status: 'completed', rowsLoaded: 91, transformErrors: 9 });
    const wanted = rowsOf('deals', 10, 100).map(({ id, amount }) => [BigInt(id), amount]);
    expect(await rowsIn('mapped', 'deal_id, usd')).toEqual(wanted);
  });

  test('a table whose columns are written with other capitals: its columns are taken, and rows that do not fit them are refused one by one', async () => {
    const client = spark.client();
    await client.execute(`CREATE TABLE ${NAMESPACE}.shouted (ID INT, Name STRING, AMOUNT INT) USING iceberg`);
    await client.close();
    const connector = await register('shouted', 100);
    const map = (sourceField: string, targetType: string, isKey = false) =>
      mapField(deps, connector, { sourceField, targetColumn: sourceField, targetType, isKey });
    await map('id', 'long', true);
    await map('name', 'string');
    await map('amount', 'double');
    await load(await stage(connector.id));
    const fitting = rowsOf('deals', 1, 100).filter(({ amount }) => Number.isInteger(amount));
    expect((await historyOf(deps, connector.id)).at(-1)).toMatchObject({
      status: 'completed',
      rowsLoaded: fitting.length,
      transformErrors: 100 - fitting.length,
    });
    expect(await deps.lakehouse.describeTable(NAMESPACE, 'shouted')).toMatchObject({
      columns: [
        { name: 'ID', type: { kind: 'long' } },
        { name: 'Name', type: { kind: 'string' } },
        { name: 'AMOUNT', type: { kind: 'int' } },
      ],
    });
    expect(await rowsIn('shouted', 'id, name, amount')).toEqual(
      fitting.map(({ id, name, amount }) => [BigInt(id), name, BigInt(amount)]),
    );
  });

  test('a worker killed at each of its steps: the next one ends with the rows and counts of one clean run', async () => {
    const connector = await register('killed', 40);
    let deaths = 0;
    for (let calls = 2, upTo = 40; ; calls += 6, upTo += 40) {
      await grow(connector.id, upTo);
      const runId = await stage(connector.id);
      const isDead = await load(runId, mortalDeps(deps, calls)).then(() => false, killed);
      await giveBack(runId);
      await load(runId);
      expect((await rowsIn('killed__deals', 'id')).map(([id]) => id)).toEqual(
        asLoaded(upTo).map(([id]) => id),
      );
      expect((await historyOf(deps, connector.id)).at(-1)).toMatchObject({
        status: 'completed',
        rowsLoaded: 40,
      });
      if (!isDead) break;
      deaths += 1;
    }
    expect(deaths).toBeGreaterThan(2);
  });

  /** What the reaper does once the lease has run out. */
  async function giveBack(runId: string): Promise<void> {
    await deps.database.sql`update etl.runner_jobs set lease_until = now() - interval '1 second'
      where id = ${runId} and status in ('running', 'loading')`;
    await reapLost(deps);
  }
});

function configUpTo(upTo: number): string {
  const steps: SourceStep[] = [
    { do: 'rows', stream: 'deals', from: 1, to: upTo },
    { do: 'state', stream: 'deals', at: upTo },
  ];
  return sealConfig(TEST_CONFIG_KEY, scriptedConfig(steps, 'correct horse'));
}

/** As what it tried then failed; anything else is no killing. */
function killed(error: unknown): true {
  if (error instanceof Killed || error instanceof AppError) return true;
  throw error;
}
