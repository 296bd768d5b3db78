import { and, eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  auditEvents,
  connectors,
  fieldMappings,
  mappingJobs,
  rejectedRows,
  runnerJobs,
  stateHistory,
  syncRuns,
} from '../../../src/db/schema/index.ts';
import { UnavailableError } from '../../../src/errors.ts';
import type { Producer } from '../../../src/queues/ports.ts';
import { connectorRow, runsOf } from '../../harness/connectors.ts';
import { until } from '../../harness/until.ts';
import { type ApiFixture, CONNECTORS, createApiFixture } from './fixture.ts';

const QUEUE_DOWN: Producer = {
  add: () => Promise.reject(new UnavailableError('queue.unavailable', 'The queue is down.')),
  addMany: () => Promise.reject(new UnavailableError('queue.unavailable', 'The queue is down.')),
  ping: () => Promise.reject(new UnavailableError('queue.unavailable', 'The queue is down.')),
  close: async () => {},
};

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture();
});
afterAll(() => api.close());

const set = (id: string, values: Partial<typeof connectors.$inferInsert>) =>
  api.deps.database.db.update(connectors).set(values).where(eq(connectors.id, id));

async function insertRun(connectorId: string, status: typeof runnerJobs.$inferInsert.status = 'running') {
  const id = api.deps.newId();
  await api.deps.database.db
    .insert(runnerJobs)
    .values({ id, tenantId: 'acme', connectorId, status, trigger: 'schedule', scheduledFor: new Date() });
  return id;
}

const actionsOn = async (subject: string) => {
  const found = await api.deps.database.db
    .select({ action: auditEvents.action })
    .from(auditEvents)
    .where(and(eq(auditEvents.subject, subject), eq(auditEvents.tenantId, 'acme')))
    .orderBy(auditEvents.id);
  return found.map(({ action }) => action);
};

describe('POST trigger', () => {
  test('the documented answer; the connector is due now and the scheduler is nudged', async () => {
    const { id } = await api.create();
    const nudges = api.deps.jobs.length;
    const { status, body } = await api.call('POST', `${CONNECTORS}/${id}/trigger`);
    expect(status).toBe(202);
    expect(body).toEqual({
      connector_id: id,
      source_system: 'salesforce',
      status: 'queued',
      message: 'Sync enqueued. The runner will pick it up within 60s.',
    });
    const { nextRunAt, nextTrigger } = await connectorRow(api.deps, id);
    expect(Math.abs((nextRunAt?.getTime() ?? 0) - Date.now())).toBeLessThan(5_000);
    expect(nextTrigger).toBe('manual');
    expect(api.deps.jobs.slice(nudges).map(({ name }) => name)).toEqual(['dispatch-due']);
    expect(await actionsOn(id)).toEqual(['connector.create', 'connector.trigger']);
  });

  test.each([
    ['paused', 'connector.paused'],
    ['error', 'connector.in_error'],
  ] as const)('a connector in %s is a conflict and stays as it is', async (connectorStatus, code) => {
    const { id } = await api.create();
    await set(id, { status: connectorStatus, nextRunAt: null });
    const { status, body } = await api.call('POST', `${CONNECTORS}/${id}/trigger`);
    expect([status, body.code]).toEqual([409, code]);
    expect(await connectorRow(api.deps, id)).toMatchObject({ nextRunAt: null, nextTrigger: null });
  });

  test.each(['queued', 'running', 'loading'] as const)(
    'while a run is %s its id is answered and nothing else happens',
    async (runStatus) => {
      const { id } = await api.create();
      const runId = await insertRun(id, runStatus);
      const before = await connectorRow(api.deps, id);
      const { status, body } = await api.call('POST', `${CONNECTORS}/${id}/trigger`);
      expect([status, body.status, body.run_id]).toEqual([202, 'queued', runId]);
      expect(await connectorRow(api.deps, id)).toEqual(before);
      expect(await runsOf(api.deps, id)).toHaveLength(1);
    },
  );

  test('with the queue down the answer is the same and the connector is due', async () => {
    const fixture = await createApiFixture({}, () => ({ producer: QUEUE_DOWN }));
    try {
      const { id } = await fixture.create();
      expect((await fixture.call('POST', `${CONNECTORS}/${id}/trigger`)).status).toBe(202);
      expect((await connectorRow(fixture.deps, id)).nextTrigger).toBe('manual');
    } finally {
      await fixture.close();
    }
  });
});

describe('POST pause', () => {
  test('the documented answer; no next run; a run in progress goes on; twice is the same', async () => {
    const { id } = await api.create();
    await insertRun(id);
    for (let time = 0; time < 2; time++) {
      const { status, body } = await api.call('POST', `${CONNECTORS}/${id}/pause`);
      expect([status, body]).toEqual([200, { connector_id: id, status: 'paused' }]);
    }
    expect(await connectorRow(api.deps, id)).toMatchObject({
      status: 'paused',
      nextRunAt: null,
      nextTrigger: null,
    });
    expect((await runsOf(api.deps, id)).map((run) => run.status)).toEqual(['running']);
  });
});

describe('POST resume', () => {
  test.each(['paused', 'error'] as const)(
    'a connector in %s is active again, at its next slot',
    async (connectorStatus) => {
      const { id } = await api.create({ sync_schedule: '0 2 * * *', timezone: 'Asia/Tokyo' });
      await set(id, { status: connectorStatus, nextRunAt: null, consecutiveFailures: 3 });
      const { status, body } = await api.call('POST', `${CONNECTORS}/${id}/resume`);
      expect([status, body]).toEqual([200, { connector_id: id, status: 'active' }]);
      const row = await connectorRow(api.deps, id);
      expect(row).toMatchObject({ status: 'active', consecutiveFailures: 0 });
      expect(row.nextRunAt?.toISOString()).toMatch(/T17:00:00.000Z$/);
      const inMs = (row.nextRunAt?.getTime() ?? 0) - Date.now();
      expect(inMs).toBeGreaterThan(0);
      expect(inMs).toBeLessThanOrEqual(86_400_000);
    },
  );

  test('an active one answers the same and keeps its slot', async () => {
    const { id } = await api.create();
    const before = await connectorRow(api.deps, id);
    const { status, body } = await api.call('POST', `${CONNECTORS}/${id}/resume`);
    expect([status, body]).toEqual([200, { connector_id: id, status: 'active' }]);
    expect(await connectorRow(api.deps, id)).toEqual(before);
  });
});

describe('DELETE', () => {
  test('everything of the connector is gone, its run cancelled, its staging schema dropped', async () => {
    const { id, staging_schema } = await api.create();
    const { db } = api.deps.database;
    const runId = await insertRun(id);
    const owned = { tenantId: 'acme', connectorId: id };
    await db.insert(syncRuns).values({
      ...owned,
      id: api.deps.newId(),
      loadId: 1,
      status: 'failed',
      trigger: 'schedule',
      rowsSynced: 0,
      rowsLoaded: 0,
      transformErrors: 0,
      tables: [],
      streamStats: {},
      icebergTable: 'n.t',
      startedAt: new Date(),
      completedAt: new Date(),
      durationS: 0,
    });
    await db.insert(stateHistory).values({ ...owned, version: 1, state: '{}', actor: 'test' });
    await db
      .insert(rejectedRows)
      .values({ ...owned, runId, stream: 's', rowKey: '1', row: '{}', column: 'c', error: 'e' });
    await db.insert(mappingJobs).values({
      ...owned,
      id: api.deps.newId(),
      request: { sourceStream: 's', sourceSchema: {}, targetSchema: 'dm', targetTable: 't' },
    });
    await db.insert(fieldMappings).values({
      ...owned,
      id: api.deps.newId(),
      sourceStream: 's',
      sourceField: 'f',
      sourceType: 'string',
      targetSchema: 'dm',
      targetTable: 't',
      targetColumn: 'c',
      targetType: 'string',
      llmMapped: false,
      confidenceScore: 1,
    });
    await db.execute(
      sql.raw(`create schema "${staging_schema}"; create table "${staging_schema}".t (a int)`),
    );

    const { status, text } = await api.call('DELETE', `${CONNECTORS}/${id}`);
    expect([status, text]).toEqual([204, '']);
    for (const table of [runnerJobs, syncRuns, stateHistory, rejectedRows, mappingJobs, fieldMappings]) {
      expect(await db.$count(table, eq(table.connectorId, id))).toBe(0);
    }
    const schemas = await db.execute(sql`select 1 from pg_namespace where nspname = ${staging_schema}`);
    expect(schemas.rows).toHaveLength(0);
    expect(await actionsOn(runId)).toEqual(['run.cancel']);
    expect(await actionsOn(id)).toContain('connector.delete');
    expect((await api.call('GET', `${CONNECTORS}/${id}`)).status).toBe(404);
    expect((await api.call('DELETE', `${CONNECTORS}/${id}`)).status).toBe(404);
  });

  test('a worker in the middle of a COPY reads that its run is cancelled, and the delete waits for it', async () => {
    const { id, staging_schema } = await api.create();
    const runId = await insertRun(id);
    const { pool, db } = api.deps.database;
    await db.execute(
      sql.raw(`create schema "${staging_schema}"; create table "${staging_schema}".t (a int)`),
    );
    const worker = await pool.connect();
    await worker.query(`begin; insert into "${staging_schema}".t values (1)`);
    const deleted = api.call('DELETE', `${CONNECTORS}/${id}`);
    await until('its run is cancelled', async () => (await runsOf(api.deps, id))[0]?.status === 'cancelled');
    const owned = await worker.query(
      `select 1 from etl.runner_jobs where id = $1 and status = 'running' for share`,
      [runId],
    );
    expect(owned.rows).toHaveLength(0);
    await worker.query('rollback');
    worker.release();
    expect((await deleted).status).toBe(204);
  });
});
