import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mappingJobs, runnerJobs } from '../../../src/db/schema/index.ts';
import { connectorRow, runsOf } from '../../harness/connectors.ts';
import { type ApiFixture, CONNECTORS, createApiFixture, UNKNOWN_ID } from './fixture.ts';
import { insertHistory, insertMapping, insertRejected, insertRun } from './rows.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture();
});
afterAll(() => api.close());

const TABLE = { stream: 's', table: 'ivory_tenant_acme.t', read: 5, loaded: 4, rejected: 1 };
const SHOWN_TABLE = { ...TABLE, replayed: 0, skipped: 0, missing_fields: [] };

describe('GET a run', () => {
  test('an unfinished one, with its counts so far', async () => {
    const { id } = await api.create();
    const run = await insertRun(api.deps, id, {
      status: 'loading',
      attempt: 2,
      startedAt: new Date('2026-03-28T12:00:00Z'),
      reportedAt: new Date('2026-03-28T12:01:00Z'),
      reportStatus: 'completed',
      rowsWritten: 9,
      durationS: 60,
      streamStats: { s: { rows: 9, bytes: 90 } },
      tableStats: [TABLE],
      progress: {
        phase: 'loading',
        currentStream: 's',
        rows: 5,
        bytes: null,
        rowsPerS: 2,
        bytesPerS: null,
        updatedAt: '2026-03-28T12:01:05.500Z',
      },
    });
    const { status, body } = await api.call('GET', `${CONNECTORS}/${id}/runs/${run.id}`);
    expect([status, body]).toEqual([
      200,
      {
        id: run.id,
        connector_id: id,
        status: 'loading',
        trigger: 'schedule',
        attempt: 2,
        cancel_requested: false,
        rows_synced: 9,
        rows_loaded: 4,
        transform_errors: 1,
        iomete_table: 'ivory_tenant_acme.salesforce_opportunities',
        stream_stats: { s: { rows: 9, bytes: 90 } },
        tables: [SHOWN_TABLE],
        progress: {
          phase: 'loading',
          current_stream: 's',
          rows: 5,
          bytes: null,
          rows_per_s: 2,
          bytes_per_s: null,
          updated_at: '2026-03-28T12:01:05Z',
          streams: { s: { rows: 9, bytes: 90 } },
          tables: { 'ivory_tenant_acme.t': { rows: 4 } },
        },
        warnings: [],
        report: { status: 'completed', rows_written: 9, duration_s: 60, reported_at: '2026-03-28T12:01:00Z' },
        error_code: null,
        error_msg: null,
        scheduled_for: expect.stringMatching(/Z$/),
        created_at: expect.stringMatching(/Z$/),
        started_at: '2026-03-28T12:00:00Z',
        completed_at: null,
        duration_s: null,
      },
    ]);
  });

  test('one whose tap runs shows the rows staged so far', async () => {
    const { id } = await api.create();
    const run = await insertRun(api.deps, id, {
      streamStats: { a: { rows: 2, bytes: 1 }, b: { rows: 3, bytes: 1 } },
    });
    const { body } = await api.call('GET', `${CONNECTORS}/${id}/runs/${run.id}`);
    expect([body.status, body.rows_synced, body.report, body.progress]).toEqual(['running', 5, null, null]);
  });

  test('a finished one says what its history says', async () => {
    const { id } = await api.create();
    const run = await insertRun(api.deps, id, {
      status: 'failed',
      errorCode: 'tap.failed',
      errorMsg: 'no',
      finishedAt: new Date('2026-03-28T12:01:43Z'),
    });
    const history = { id: run.id, tables: [{ ...TABLE, replayed: 1 }], rowsLoaded: 4, transformErrors: 0 };
    await insertHistory(api.deps, id, run.loadId, history);
    const { body } = await api.call('GET', `${CONNECTORS}/${id}/runs/${run.id}`);
    expect(body).toMatchObject({
      status: 'failed',
      error_code: 'tap.failed',
      error_msg: 'no',
      rows_loaded: 4,
      transform_errors: 0,
      tables: [{ ...SHOWN_TABLE, replayed: 1 }],
      completed_at: '2026-03-28T12:01:43Z',
      duration_s: 103,
    });
  });

  test("an unknown run, a malformed one and another connector's are 404", async () => {
    const [{ id }, other] = [await api.create(), await api.create()];
    const run = await insertRun(api.deps, other.id);
    for (const runId of [UNKNOWN_ID, 'x', run.id]) {
      for (const [method, path] of [
        ['GET', ''],
        ['GET', '/log'],
        ['POST', '/cancel'],
      ] as const) {
        const { status, body } = await api.call(method, `${CONNECTORS}/${id}/runs/${runId}${path}`);
        expect([status, body.code]).toEqual([404, 'run.not_found']);
      }
    }
  });
});

describe('POST cancel', () => {
  const cancel = (id: string, runId: string) => api.call('POST', `${CONNECTORS}/${id}/runs/${runId}/cancel`);

  test('one that nobody holds ends at once, and is no failure', async () => {
    const { id } = await api.create();
    const run = await insertRun(api.deps, id, { status: 'queued' });
    const { status, body } = await cancel(id, run.id);
    expect([status, body]).toEqual([202, { run_id: run.id, status: 'cancelled' }]);
    const shown = await api.call('GET', `${CONNECTORS}/${id}/runs/${run.id}`);
    expect(shown.body).toMatchObject({
      status: 'cancelled',
      cancel_requested: true,
      error_code: 'run.cancelled',
    });
    expect(await connectorRow(api.deps, id)).toMatchObject({ consecutiveFailures: 0, status: 'active' });
    const again = await cancel(id, run.id);
    expect([again.status, again.body.code]).toEqual([409, 'run.finished']);
  });

  test('one that a worker holds is asked to stop; asking twice is the same', async () => {
    const { id } = await api.create();
    const run = await insertRun(api.deps, id, { leaseUntil: new Date(Date.now() + 60_000), fence: 1 });
    for (let time = 0; time < 2; time++) {
      const { status, body } = await cancel(id, run.id);
      expect([status, body.status]).toEqual([202, 'cancelling']);
    }
    expect((await runsOf(api.deps, id))[0]).toMatchObject({
      status: 'running',
      cancelRequestedAt: expect.any(Date),
    });
  });
});

describe('GET a log as text', () => {
  test('is the lines that are kept', async () => {
    const { id } = await api.create();
    const run = await insertRun(api.deps, id, { logTail: 'one\ntwo — 2', logLines: 12 });
    const { status, text, headers } = await api.call('GET', `${CONNECTORS}/${id}/runs/${run.id}/log`);
    expect([status, text, headers.get('content-type')]).toEqual([
      200,
      'one\ntwo — 2\n',
      'text/plain; charset=UTF-8',
    ]);
    const head = await api.call('HEAD', `${CONNECTORS}/${id}/runs/${run.id}/log`, {
      headers: { accept: 'text/event-stream' },
    });
    expect([head.status, head.text]).toEqual([200, '']);
  });

  test('is empty before anything was logged', async () => {
    const { id } = await api.create();
    const run = await insertRun(api.deps, id);
    const { status, text } = await api.call('GET', `${CONNECTORS}/${id}/runs/${run.id}/log`);
    expect([status, text]).toEqual([200, '']);
  });
});

describe('POST replay', () => {
  const replay = (id: string, body: unknown, headers: Record<string, string> = {}) =>
    api.call('POST', `${CONNECTORS}/${id}/rejected-rows/replay`, { body, headers });

  test('answers the run that loads them, on its queue', async () => {
    const { id } = await api.create();
    await insertRejected(api.deps, id, 3);
    const { status, body } = await replay(id, { stream: 'deals' });
    expect([status, body]).toEqual([202, { run_id: expect.any(String), status: 'loading', rows: 3 }]);
    expect(api.deps.jobs.at(-1)).toMatchObject({ name: 'load-run', payload: { runId: body.run_id } });
    const shown = await api.call('GET', `${CONNECTORS}/${id}/runs/${body.run_id}`);
    expect(shown.body).toMatchObject({ status: 'loading', trigger: 'replay', rows_synced: 3 });
    const again = await replay(id, {});
    expect([again.status, again.body.code]).toEqual([409, 'connector.run_unfinished']);
  });

  test('done again after its process died it finds its run', async () => {
    const { id } = await api.create();
    await insertRejected(api.deps, id, 2);
    const key = { 'idempotency-key': `replay-${id}` };
    const first = await replay(id, {}, key);
    await api.deps.database.sql`update etl.idempotency_keys set status = null, body = null,
      created_at = now() - interval '3 minutes' where key = ${key['idempotency-key']}`;
    const second = await replay(id, {}, key);
    expect([second.status, second.body]).toEqual([202, first.body]);
    expect(await runsOf(api.deps, id)).toHaveLength(1);
  });

  test.each([
    [{}, 'replay.nothing'],
    [{ ids: [] }, 'request.invalid'],
    [{ ids: ['x'] }, 'request.invalid'],
    [{ ids: [5] }, 'request.invalid'],
    [{ run_id: 'x' }, 'request.invalid'],
    [{ rows: 'all' }, 'request.invalid'],
  ])('%j is refused where nothing is rejected', async (body, code) => {
    const { id } = await api.create();
    const answer = await replay(id, body);
    expect([answer.status, answer.body.code]).toEqual([422, code]);
    expect(await runsOf(api.deps, id)).toEqual([]);
  });

  test("another tenant's rows are not there", async () => {
    const { id } = await api.create({}, { tenant: 'rival' });
    await insertRejected(api.deps, id, 2, { tenantId: 'rival' });
    expect((await replay(id, {})).body.code).toBe('connector.not_found');
    expect(await api.deps.database.db.$count(runnerJobs, eq(runnerJobs.connectorId, id))).toBe(0);
  });
});

describe('mappings and their jobs', () => {
  test('a mapping is deleted once', async () => {
    const [{ id }, other] = [await api.create(), await api.create()];
    const mapping = await insertMapping(api.deps, id, 's', 'a');
    const remove = (of: string, mappingId: string) =>
      api.call('DELETE', `${CONNECTORS}/${of}/mappings/${mappingId}`);
    expect((await remove(other.id, mapping)).body.code).toBe('mapping.not_found');
    const { status, text } = await remove(id, mapping);
    expect([status, text]).toEqual([204, '']);
    for (const gone of [mapping, 'x']) {
      const again = await remove(id, gone);
      expect([again.status, again.body.code]).toEqual([404, 'mapping.not_found']);
    }
  });

  const REQUEST = {
    sourceStream: 's',
    sourceSchema: { a: 'string' },
    targetSchema: 'custom',
    targetTable: 't',
  } as const;
  async function insertJob(
    connectorId: string,
    values: Partial<typeof mappingJobs.$inferInsert> = {},
    tenantId = 'acme',
  ) {
    const id = api.deps.newId();
    const job = { id, tenantId, connectorId, request: REQUEST, ...values };
    await api.deps.database.db.insert(mappingJobs).values(job);
    return id;
  }
  const job = (id: string) => api.call('GET', `/v1/admin/mapping-jobs/${id}`);

  test('a job is queued, then done with the documented answer', async () => {
    const { id } = await api.create();
    const queued = await job(await insertJob(id));
    expect([queued.status, queued.body]).toMatchObject([
      200,
      { status: 'queued', error: null, result: null },
    ]);
    const mapping = await insertMapping(api.deps, id, 's', 'a');
    const result = { mappingIds: [mapping], reviewRequired: 1 };
    const done = await job(await insertJob(id, { status: 'done', result, finishedAt: new Date() }));
    expect(done.body).toMatchObject({
      connector_id: id,
      source_stream: 's',
      status: 'done',
      result: {
        mapped: 1,
        review_required: 1,
        message: '1 mapping has confidence < 0.7 and should be reviewed.',
        mappings: [{ id: mapping, source_field: 'a', target_column: 'a' }],
      },
    });
  });

  test.each([
    ['invalid', 422],
    ['conflict', 409],
    ['unavailable', 503],
    [null, 422],
  ] as const)('one that failed as %s is told as %i', async (errorKind, status) => {
    const { id } = await api.create();
    const failed = {
      status: 'failed' as const,
      errorKind,
      errorCode: 'mapping.x',
      errorMsg: 'why',
      finishedAt: new Date(),
    };
    const { body } = await job(await insertJob(id, failed));
    expect([body.status, body.error]).toEqual(['failed', { status, code: 'mapping.x', detail: 'why' }]);
  });

  test("an unknown job, a malformed id and another tenant's are answered alike", async () => {
    const { id } = await api.create({}, { tenant: 'rival' });
    for (const asked of [UNKNOWN_ID, 'x', await insertJob(id, {}, 'rival')]) {
      const { status, body } = await job(asked);
      expect([status, body.code, body.detail]).toEqual([
        404,
        'mapping_job.not_found',
        'No mapping job of yours has this id.',
      ]);
    }
  });
});
