import { eq } from 'drizzle-orm';
import { beforeEach, describe, expect, test } from 'vitest';
import { createOpenAiLlm } from '../../../src/adapters/llm/openai.ts';
import {
  fieldMappings,
  notificationDeliveries,
  notificationEndpoints,
  notificationMessages,
  outbox,
} from '../../../src/db/schema/index.ts';
import type { EventType } from '../../../src/domain/notification.ts';
import { createEndpoint } from '../../../src/services/notifications/create-endpoint.ts';
import { cancelRun } from '../../../src/services/runs/cancel.ts';
import { executeRun } from '../../../src/services/runs/execute.ts';
import { loadRun } from '../../../src/services/runs/load.ts';
import { type ReportInput, reportRun } from '../../../src/services/runs/report.ts';
import { connectorRow, historyOf, insertConnector, tenantContext } from '../../harness/connectors.ts';
import { startOpenAiStub } from '../../harness/openai-stub.ts';
import { createScriptedRunner, DONE } from '../../harness/scripted-runner.ts';
import { insertRun } from '../api/rows.ts';
import { createStaged, startRun } from '../load/fixtures.ts';
import { FIELDS, useLoading } from '../load/loading.ts';
import { addConnector, ctxOf, mappingDeps, OPPORTUNITY, proposed, workOff } from '../mappings/fixture.ts';

const ANYTHING = {
  url: 'http://127.0.0.1:9/',
  description: null,
  events: null,
  connectorIds: null,
  active: true,
};

const it = useLoading();
const signal = new AbortController().signal;
beforeEach(async () => {
  for (const table of [notificationEndpoints, notificationMessages, outbox])
    await it.deps.database.db.delete(table);
});

function endpoint(
  settings: { events?: EventType[]; connectorIds?: string[]; active?: boolean } = {},
  tenant = 'acme',
) {
  return createEndpoint(tenantContext(it.deps, tenant), {
    ...ANYTHING,
    ...settings,
  }).then((made) => made.endpoint.id);
}

async function messages() {
  const rows = await it.deps.database.db
    .select()
    .from(notificationMessages)
    .orderBy(notificationMessages.createdAt);
  return rows.map(({ id, type, tenantId, body }) => ({ id, type, tenantId, body, ...JSON.parse(body) }));
}

async function deliveredTo(): Promise<string[]> {
  const rows = await it.deps.database.db.select().from(notificationDeliveries);
  return rows.map(({ endpointId }) => endpointId).sort();
}

/** Jobs that send the messages, in the outbox or on their queue already. */
async function nudges(): Promise<string[]> {
  const waiting = await it.deps.database.db.select().from(outbox).where(eq(outbox.job, 'send-notifications'));
  const ids = new Set((await messages()).map(({ id }) => `notify-${id}`));
  return [...waiting, ...it.deps.jobs].map(({ jobId }) => jobId ?? '').filter((jobId) => ids.has(jobId));
}

const report = (values: Partial<ReportInput> = {}) =>
  reportRun(tenantContext(it.deps), {
    connectorId: it.connector.id,
    runId: null,
    status: 'failed',
    rowsWritten: 0,
    tapState: null,
    errorMsg: 'The source is away.',
    durationS: 1,
    ...values,
  });

async function loadedRun(status: 'completed' | 'partial' = 'completed'): Promise<string> {
  const at = await createStaged(it.deps.database.sql, it.connector, 'deals', FIELDS);
  await it.mapDeals();
  const { runId, loadId } = await startRun(it.deps, it.connector);
  await it.stage(at, 1, 20, loadId);
  await it.deps.database.sql`update etl.runner_jobs set report_status = ${status} where id = ${runId}`;
  await loadRun(it.deps, { runId, workerId: 'w', signal, lastAttempt: true });
  return runId;
}

describe('a run', () => {
  test.each(['completed', 'partial'] as const)(
    'that ends %s is told once, with its counts and no value of a row',
    async (status) => {
      const id = await endpoint();
      const runId = await loadedRun(status);
      const [history] = await historyOf(it.deps, it.connector.id);
      const [told, ...more] = await messages();
      expect(more).toEqual([]);
      expect(told).toMatchObject({
        type: `run.${status}`,
        data: {
          run_id: runId,
          connector_id: it.connector.id,
          status,
          rows_synced: history?.rowsSynced,
          rows_loaded: 18,
          transform_errors: 2,
          completed_at: history?.completedAt.toISOString(),
        },
      });
      expect(told?.body).not.toMatch(/not a number|deal 1\b/);
      expect([await deliveredTo(), (await nudges()).length]).toEqual([[id], 1]);
      await loadRun(it.deps, { runId, workerId: 'w', signal, lastAttempt: true });
      expect(await messages()).toHaveLength(1);
    },
  );

  test('that fails is told with its code, once however often it is reported, and the third says that the connector is stopped', async () => {
    await endpoint();
    for (const failure of [1, 2, 3]) {
      const { runId } = await report();
      await report({ runId });
      expect((await messages()).filter(({ type }) => type === 'run.failed')).toHaveLength(failure);
    }
    const [first, , , last] = await messages();
    expect(first).toMatchObject({
      type: 'run.failed',
      data: { error_code: 'tap.failed', error_msg: 'The source is away.', rows_loaded: 0 },
    });
    const told = (await messages()).filter(({ type }) => type === 'connector.error');
    expect(told).toMatchObject([
      { data: { connector_id: it.connector.id, consecutive_failures: 3, last_error: 'The source is away.' } },
    ]);
    expect([last, (await connectorRow(it.deps, it.connector.id)).status]).toMatchObject([{}, 'error']);
  });

  test('that somebody cancelled, and one of a tenant that wants to know nothing, are not told, nor is anything written', async () => {
    const off = await endpoint({ active: false });
    await endpoint({}, 'rival');
    await report();
    expect(off).toBeTruthy();
    await endpoint();
    const run = await insertRun(it.deps, it.connector.id, { status: 'queued' });
    await cancelRun(tenantContext(it.deps), { connectorId: it.connector.id, runId: run.id });
    expect([await messages(), await deliveredTo(), await nudges()]).toEqual([[], [], []]);
  });

  test('is told to the endpoints that want its event and its connector, in one message', async () => {
    const other = await insertConnector(it.deps, {});
    const wanting = [
      await endpoint(),
      await endpoint({ events: ['run.failed', 'ping' as EventType] }),
      await endpoint({ connectorIds: [it.connector.id, other.id] }),
    ];
    await endpoint({ events: ['run.completed'] });
    await endpoint({ connectorIds: [other.id] });
    await endpoint({ active: false });
    await endpoint({}, 'rival');
    await report();
    expect(await deliveredTo()).toEqual(wanting.sort());
    expect([(await messages()).length, (await nudges()).length]).toEqual([1, 1]);
  });

  test('whose end is rolled back is not told', async () => {
    await endpoint();
    await it.deps.database
      .sql`alter table etl.sync_runs add constraint no_more check (status <> 'failed') not valid`;
    await expect(report()).rejects.toThrow();
    await it.deps.database.sql`alter table etl.sync_runs drop constraint no_more`;
    expect(await messages()).toEqual([]);
  });

  test('ends while its tenant deletes the endpoint it would be told to', async () => {
    const id = await endpoint();
    const deleting = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const deletion = it.deps.database.sql.begin(async (sql) => {
      await sql`delete from etl.notification_endpoints where id = ${id}`;
      deleting.resolve();
      await ended.promise;
    });
    await deleting.promise;
    const reporting = report();
    ended.resolve();
    await Promise.all([deletion, reporting]);
    expect([await messages(), (await historyOf(it.deps, it.connector.id)).length]).toEqual([[], 1]);
  });
});

test('a source whose fields have changed is told once, by the run that met it', async () => {
  await endpoint({ events: ['schema.drift'] });
  const run = async (fields: Record<string, string>) => {
    const { id: runId } = await insertRun(it.deps, it.connector.id, { status: 'queued' });
    const runner = createScriptedRunner(async (_spec, { schema }) => {
      schema?.('deals', fields);
      return { ...DONE, status: 'failed', errorCode: 'tap.failed', errorMsg: 'x' };
    });
    await executeRun({ ...it.deps, runners: { custom: runner } }, { runId, workerId: 'w', signal });
  };
  await it.mapDeals();
  await run({ id: 'integer', amount: 'number' });
  expect(await messages()).toEqual([]);
  await run({ id: 'integer', 'sta\u0000ge': 'string' });
  const told = await messages();
  expect(told).toMatchObject([
    {
      type: 'schema.drift',
      data: {
        connector_id: it.connector.id,
        told_by: 'run',
        changes_count: 2,
        changes: [
          { stream: 'deals', field: 'amount', kind: 'removed', from: 'number' },
          { stream: 'deals', field: 'sta\u0000ge', kind: 'added', to: 'string' },
        ],
      },
    },
  ]);
  expect(told[0]?.data.mappings_to_review).toBe(
    (await it.deps.database.db.select().from(fieldMappings)).filter(({ drift }) => drift !== null).length,
  );
});

test('proposals that wait for a person are told; those that do not are not', async () => {
  const confidences = [0.65, 0.9];
  const stub = await startOpenAiStub(() => ({
    json: {
      mappings: [
        {
          source_field: 'OwnerId',
          target_column: 'owner_crm_id',
          confidence: confidences.shift(),
          transform_fn: null,
          reason: 'because',
        },
      ],
    },
  }));
  const model = { apiKey: 'k', baseUrl: stub.baseUrl, model: 'gpt-4o-mini', timeoutMs: 20_000 };
  const deps = workOff(await mappingDeps({ llm: createOpenAiLlm(model) }));
  const ctx = ctxOf(deps);
  try {
    await createEndpoint(ctx, ANYTHING);
    const connectorId = await addConnector(deps);
    const asked = { connectorId, ...OPPORTUNITY, sourceSchema: { OwnerId: 'string' } };
    expect((await proposed(ctx, asked)).reviewRequired).toBe(1);
    expect((await proposed(ctx, { ...asked, sourceStream: 'Deal' })).reviewRequired).toBe(0);
    const rows = await deps.database.db.select().from(notificationMessages);
    expect(rows.map(({ type, body }) => [type, JSON.parse(body).data])).toEqual([
      [
        'mapping.review_needed',
        {
          connector_id: connectorId,
          mapping_job_id: expect.any(String),
          source_stream: 'Opportunity',
          target_schema: 'dm',
          target_table: 'deals',
          mapped: 1,
          review_required: 1,
        },
      ],
    ]);
  } finally {
    await deps.close();
    await stub.close();
  }
});
