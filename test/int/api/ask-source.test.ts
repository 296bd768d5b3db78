import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { auditEvents, outbox } from '../../../src/db/schema/index.ts';
import { sealConfig } from '../../../src/domain/config-envelope.ts';
import { connectorRow, historyOf, runsOf } from '../../harness/connectors.ts';
import { TEST_CONFIG_KEY } from '../../harness/context.ts';
import { createFakeTapRunner } from '../../harness/fake-taps.ts';
import { CONNECTORS, UNKNOWN_ID } from './fixture.ts';
import { createLiveApi, type LiveApi } from './live.ts';

const PASSWORD = 'correct horse "battery" staple';

let api: LiveApi;
const logged: string[] = [];
beforeAll(async () => {
  const log = pino({ level: 'trace' }, { write: (line: string) => logged.push(line) });
  api = await createLiveApi(['runner', 'mapping'], {}, ({ database }) => ({
    log,
    runners: { custom: createFakeTapRunner(database.pool) },
  }));
});
afterAll(() => api.close());

async function connectorOf(mode: string, changes: Record<string, unknown> = {}): Promise<string> {
  const { id } = await api.create({
    source_system: 'fake',
    tap_name: 'tap-fake',
    connector_type: 'custom',
    config_encrypted: sealConfig(TEST_CONFIG_KEY, { mode, password: PASSWORD }),
    ...changes,
  });
  return id;
}

const ask = (id: string, kind: 'check' | 'discover', query = '', options = {}) =>
  api.call('POST', `${CONNECTORS}/${id}/${kind}${query}`, options);

describe('POST /v1/admin/connectors/{id}/check', () => {
  test('a source that answers is ok', async () => {
    const { status, body } = await ask(await connectorOf('ok'), 'check');
    expect([status, body]).toEqual([200, { ok: true, log_tail: expect.stringContaining('pid ') }]);
  });

  test('a tap that fails is a result; its config shows nowhere', async () => {
    const id = await connectorOf('refuse');
    const answer = await ask(id, 'check');
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        ok: false,
        error_code: 'tap.discover_failed',
        message: expect.stringContaining('login with [secret] failed'),
        log_tail: expect.stringContaining('login with [secret] failed'),
      },
    ]);
    const stored = await api.deps.database.sql`select t::text from etl.connector_tasks t`;
    const everything = JSON.stringify([answer.text, stored, logged]);
    expect(everything).not.toContain('battery');
  });

  test('no table, state, run or failure comes of it, nor does a paused connector start', async () => {
    const id = await connectorOf('ok');
    await api.call('POST', `${CONNECTORS}/${id}/pause`);
    const before = await connectorRow(api.deps, id);
    await ask(id, 'check');
    await ask(id, 'discover');
    expect(await connectorRow(api.deps, id)).toEqual(before);
    expect([await runsOf(api.deps, id), await historyOf(api.deps, id)]).toEqual([[], []]);
    const staged = await api.deps.database
      .sql`select 1 from information_schema.tables where table_schema = ${before.stagingSchema}`;
    expect(staged).toHaveLength(0);
  });

  test('what the runner cannot open or run is a result with its code', async () => {
    const wrongKey = sealConfig(Buffer.alloc(32, 9), {});
    const cases = [
      [{ config_encrypted: wrongKey }, 'config.wrong_key'],
      [{ tap_name: 'tap-gone' }, 'tap.not_started'],
      [{ connector_type: 'meltano' }, 'run.no_runner'],
    ] as const;
    for (const [changes, code] of cases) {
      const { status, body } = await ask(await connectorOf('ok', changes), 'check');
      expect([status, body.ok, body.error_code]).toEqual([200, false, code]);
    }
  });
});

describe('POST /v1/admin/connectors/{id}/discover', () => {
  test('answers streams that map-fields takes as they are', async () => {
    const id = await connectorOf('ok');
    const { status, body } = await ask(id, 'discover');
    expect([status, body]).toEqual([
      200,
      {
        ok: true,
        log_tail: expect.any(String),
        streams: [
          {
            stream: 'deals',
            key_properties: ['id'],
            replication_key: 'at',
            fields: { id: 'integer', at: 'date-time' },
          },
        ],
        drift: [],
      },
    ]);
    const [{ stream, fields }] = body.streams;
    const mapped = await api.call('POST', `${CONNECTORS}/${id}/map-fields`, {
      body: { source_stream: stream, source_schema: fields, target_schema: 'dm', target_table: 'deals' },
    });
    expect([mapped.status, mapped.body.mapped]).toEqual([201, expect.any(Number)]);
  });

  test('a tap that fails is a result without streams', async () => {
    const { status, body } = await ask(await connectorOf('garbage'), 'discover');
    expect([status, body.ok, body.error_code, body.streams]).toEqual([200, false, 'tap.invalid_catalog', []]);
  });
});

describe('a source that takes its time', () => {
  test('is 202 with a task; asking again joins it; deleting the connector ends it', async () => {
    const id = await connectorOf('hang');
    const first = await ask(id, 'check', '?wait_s=0');
    expect([first.status, first.body]).toEqual([
      202,
      {
        task_id: expect.any(String),
        status: expect.stringMatching(/^(queued|running)$/),
        message: expect.stringContaining(first.body.task_id),
      },
    ]);
    const again = await ask(id, 'check', '?wait_s=0');
    expect([again.status, again.body.task_id]).toEqual([202, first.body.task_id]);
    const other = await ask(id, 'discover', '?wait_s=0');
    expect(other.body.task_id).not.toBe(first.body.task_id);

    const path = `${CONNECTORS}/${id}/tasks/${first.body.task_id}`;
    const { status, body } = await api.call('GET', path);
    expect([status, body]).toEqual([
      200,
      {
        task_id: first.body.task_id,
        connector_id: id,
        kind: 'check',
        status: expect.stringMatching(/^(queued|running)$/),
        result: null,
        error_code: null,
        error_msg: null,
        created_at: expect.stringMatching(/Z$/),
        finished_at: null,
      },
    ]);
    expect((await api.call('GET', path, { tenant: 'rival' })).body.code).toBe('connector.not_found');
    for (const unknown of [UNKNOWN_ID, 'x']) {
      const answer = await api.call('GET', `${CONNECTORS}/${id}/tasks/${unknown}`);
      expect([answer.status, answer.body.code]).toEqual([404, 'task.not_found']);
    }
    expect((await api.call('DELETE', `${CONNECTORS}/${id}`)).status).toBe(204);
    expect((await api.call('GET', path)).status).toBe(404);
  });

  test('a done one is found under its task', async () => {
    const id = await connectorOf('ok');
    const { body } = await ask(id, 'discover', '?wait_s=0');
    await ask(id, 'discover');
    const task = await api.call('GET', `${CONNECTORS}/${id}/tasks/${body.task_id}`);
    expect(task.body).toMatchObject({ status: 'done', result: { ok: true, streams: [{ stream: 'deals' }] } });
  });

  test.each(['26', '-1', 'x', ''])('wait_s=%s is refused', async (wait) => {
    const { status, body } = await ask(UNKNOWN_ID, 'check', `?wait_s=${wait}`);
    expect([status, body.errors[0].field]).toEqual([422, 'wait_s']);
  });
});

test('trouble on our side is 503 with its code, never a result', async () => {
  const id = await connectorOf('hang');
  const asking = ask(id, 'check');
  await vi.waitFor(async () => {
    const { count } = await api.deps.database.sql`
      update etl.connector_tasks set status = 'failed', error_code = 'task.worker_lost', error_msg = 'no worker'
      where connector_id = ${id}`;
    expect(count).toBe(1);
  });
  const { status, body, headers } = await asking;
  expect([status, body.code, body.detail]).toEqual([503, 'task.worker_lost', 'no worker']);
  expect(headers.get('retry-after')).toBe('5');
});

test('asking is audited once a task, and leaves nothing in the outbox', async () => {
  const id = await connectorOf('ok');
  await ask(id, 'check');
  const events = await api.deps.database.db.select().from(auditEvents);
  expect(events.filter((event) => event.subject === id && event.action === 'connector.check')).toHaveLength(
    1,
  );
  expect(await api.deps.database.db.select().from(outbox)).toEqual([]);
});
