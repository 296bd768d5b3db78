import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPostgresLakehouse } from '../../../src/adapters/lakehouse/postgres.ts';
import { builtInTaps } from '../../../src/adapters/runner/custom/built-in-taps.ts';
import { createCustomRunner } from '../../../src/adapters/runner/custom/custom.ts';
import { createProcessHost } from '../../../src/adapters/runner/process/process-host.ts';
import { type Ctx, contextFor } from '../../../src/context.ts';
import { fieldMappings, rejectedRows } from '../../../src/db/schema/index.ts';
import { sealConfig } from '../../../src/domain/config-envelope.ts';
import { addCatalog } from '../../../src/services/catalogs/add.ts';
import { listMappings } from '../../../src/services/mappings/list.ts';
import { executeRun } from '../../../src/services/runs/execute.ts';
import { loadRun } from '../../../src/services/runs/load.ts';
import { askSource } from '../../../src/services/tasks/ask.ts';
import { runTask } from '../../../src/services/tasks/run.ts';
import { createExpressionEngine } from '../../../src/transform/expression/engine.ts';
import { insertConnector, runsOf } from '../../harness/connectors.ts';
import { createTestDeps, TEST_CONFIG_KEY, type TestDeps } from '../../harness/context.ts';
import { insertRun } from '../api/rows.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
const LIMITS = { memoryBytes: 2 * 1024 ** 3, cpuS: 600, diskBytes: 1024 ** 3 };
const signal = new AbortController().signal;

let deps: TestDeps;
let ctx: Ctx;
let root: string;
let close: () => Promise<void>;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'ivory-drift-'));
  const expressions = createExpressionEngine();
  const bare = await createTestDeps({ expressions });
  const lakehouse = createPostgresLakehouse({ url: bare.databaseUrl, besideControlPlane: true });
  const custom = createCustomRunner({
    host: createProcessHost({ limits: LIMITS, sandbox: 'off' }),
    pool: bare.database.pool,
    taps: builtInTaps({ cli: CLI, filesRoot: root }),
    idleTimeoutMs: 60_000,
  });
  deps = { ...bare, lakehouse, runners: { custom } };
  ctx = contextFor(deps, { tenantId: 'acme', actor: 'user:eve' });
  await addCatalog(ctx, { catalogName: 'lake' });
  close = async () => {
    await expressions.close();
    await lakehouse.close();
    await bare.close();
    await rm(root, { recursive: true, force: true });
  };
});
afterAll(() => close());

let sources = 0;
let folder: string;
beforeEach(async () => {
  sources += 1;
  folder = join(root, 'acme', `s${sources}`);
  await mkdir(folder, { recursive: true });
});

/** A connector that reads the test's folder with the built-in tap-files. */
async function source(streams: { name: string; path: string; key_properties?: string[] }[]) {
  const config = {
    streams: streams.map(({ path, ...stream }) => ({ ...stream, path: `s${sources}/${path}` })),
  };
  const { id: connectorId } = await insertConnector(deps, {
    tapName: 'tap-files',
    destinationTable: `t${sources}`,
    configEncrypted: sealConfig(TEST_CONFIG_KEY, config),
  });

  async function discover() {
    const { id: taskId } = await askSource(ctx, { connectorId, kind: 'discover', waitMs: 0 });
    await runTask(deps, { taskId, workerId: 'w', signal, lastAttempt: true });
    const again = { ...ctx, newId: () => taskId };
    const { result } = await askSource(again, { connectorId, kind: 'discover', waitMs: 0 });
    if (!result || !('streams' in result)) throw new Error(JSON.stringify(result));
    return result;
  }

  async function run() {
    const { id: runId } = await insertRun(deps, connectorId, { status: 'queued' });
    await executeRun(deps, { runId, workerId: 'w', signal });
    await loadRun(deps, { runId, workerId: 'w', signal, lastAttempt: true });
    const run = (await runsOf(deps, connectorId)).find(({ id }) => id === runId);
    if (run?.status !== 'completed') throw new Error(`${run?.status}: ${run?.errorMsg}`);
    // Default keys of files are no columns of the lakehouse: each run says so, and that is no drift.
    return run.warnings.filter((text) => !text.includes('not mapped, so rows are appended'));
  }
  return { connectorId, discover, run };
}

const DEALS = [{ name: 'deals', path: '*.csv', key_properties: ['id'] }];
const TYPES: Record<string, string> = { id: 'long', amount: 'double', closed: 'date' };

/** Maps every field to a column of its name. */
async function mapped(connectorId: string, sourceStream: string, fields: Record<string, string>) {
  const rows = Object.entries(fields).map(([sourceField, sourceType]) => ({
    id: deps.newId(),
    tenantId: 'acme',
    connectorId,
    sourceStream,
    sourceField,
    sourceType,
    targetSchema: 'custom',
    targetTable: sourceStream,
    targetColumn: sourceField.toLowerCase(),
    targetType: TYPES[sourceField] ?? 'string',
    llmMapped: false,
    confidenceScore: 1,
    isKey: sourceField === 'id',
  }));
  await deps.database.db.insert(fieldMappings).values(rows);
}

describe('with the built-in tap', { timeout: 120_000 }, () => {
  test('files that are as they were raise no alarm: discovery after discovery, run after run', async () => {
    const data = fileURLToPath(new URL('../data/', import.meta.resolve('vega-datasets')));
    const files = ['birdstrikes.csv', 'airports.csv', 'movies.json', 'zipcodes.csv'];
    for (const file of files) await copyFile(join(data, file), join(folder, file));
    const { connectorId, discover, run } = await source(
      files.map((path) => ({ name: path.replace(/\..*/, ''), path })),
    );
    const { streams, drift } = await discover();
    expect(drift).toEqual([]);
    const birds = streams.find(({ stream }) => stream === 'birdstrikes');
    await mapped(connectorId, 'birdstrikes', birds?.fields ?? {});
    expect(await run()).toEqual([]);
    await copyFile(join(data, 'airports.csv'), join(folder, 'airports.csv'));
    expect(await run()).toEqual([]);
    const again = (await discover()).drift;
    expect(again?.map(({ changes, flagged }) => [changes, flagged]) ?? []).toEqual(
      (again ?? []).map(() => [[], []]),
    );
    const filter = { needsReview: true };
    const { items } = await listMappings(ctx, { connectorId, limit: null, after: null, filter });
    expect(items.filter(({ drift: flag }) => flag)).toEqual([]);
  });

  test('a new file whose numbers are whole, or missing, is no change', async () => {
    await writeFile(join(folder, '1.csv'), 'id,amount,closed\n1,10.5,2026-01-01\n2,20.25,2026-01-02\n');
    const { connectorId, discover, run } = await source(DEALS);
    const { streams } = await discover();
    await mapped(connectorId, 'deals', streams[0]?.fields ?? {});
    await run();
    await writeFile(join(folder, '2.csv'), 'id,amount,closed\n3,30,2026-01-03\n');
    expect(await run()).toEqual([]);
    await writeFile(join(folder, '3.csv'), 'id,amount,closed\n4,,\n');
    expect(await run()).toEqual([]);
    expect((await discover()).drift?.flatMap(({ changes }) => changes)).toEqual([]);
  });

  test('a number that becomes text is told, and what is no number is rejected row by row while the rest is loaded', async () => {
    await writeFile(join(folder, '1.csv'), 'id,amount,closed\n1,10.5,2026-01-01\n2,20.25,2026-01-02\n');
    const { connectorId, discover, run } = await source(DEALS);
    await mapped(connectorId, 'deals', (await discover()).streams[0]?.fields ?? {});
    await run();
    await writeFile(join(folder, '2.csv'), 'id,amount,closed\n3,30.5,2026-01-03\n4,unknown,2026-01-04\n');
    expect(await run()).toEqual([
      expect.stringMatching(
        /^stream "deals": field "amount" changed from number to string; its mapping to deals\.amount/,
      ),
    ]);
    expect(await loaded()).toEqual([
      { id: '1', amount: 10.5 },
      { id: '2', amount: 20.25 },
      { id: '3', amount: 30.5 },
    ]);
    const rejected = await deps.database.db
      .select()
      .from(rejectedRows)
      .where(eq(rejectedRows.connectorId, connectorId));
    expect(rejected.map(({ column }) => column)).toEqual(['amount']);
  });

  test('a column that is gone is told by the next discovery and the runs after it, and is null in what they bring', async () => {
    await writeFile(join(folder, '1.csv'), 'id,amount,closed\n1,10.5,2026-01-01\n2,20.25,2026-01-02\n');
    const { connectorId, discover, run } = await source(DEALS);
    await mapped(connectorId, 'deals', (await discover()).streams[0]?.fields ?? {});
    await run();
    await rm(join(folder, '1.csv'));
    await writeFile(join(folder, '2.csv'), 'id,closed\n2,2026-02-02\n3,2026-01-03\n');
    expect((await discover()).drift).toMatchObject([
      { stream: 'deals', changes: [{ field: 'amount', kind: 'removed', from: 'number' }] },
    ]);
    expect(await run()).toEqual([
      'stream "deals": field "amount" is gone; its mapping to deals.amount gets no value and needs review',
    ]);
    expect(await loaded()).toEqual([
      { id: '1', amount: 10.5 },
      { id: '2', amount: null },
      { id: '3', amount: null },
    ]);
  });

  async function loaded() {
    const { rows } = await deps.database.pool.query(
      `select id::text, amount from ivory_tenant_acme.t${sources} order by id`,
    );
    return rows;
  }
});
