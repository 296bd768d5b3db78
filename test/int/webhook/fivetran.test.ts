import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectorRow, runsOf } from '../../harness/connectors.ts';
import { type Answer, type ApiFixture, CONNECTORS, createApiFixture, UNKNOWN_ID } from '../api/fixture.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture();
});
afterAll(() => api.close());
beforeEach(() => {
  api.deps.jobs.length = 0;
});

interface Registered {
  id: string;
  webhook_secret: string;
  staging_schema: string;
}

const pathOf = (id: string) => `/v1/etl/fivetran/webhook/${id}`;
const signed = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest('hex');

const registered = (changes: Record<string, unknown> = {}): Promise<Registered> =>
  api.create({ connector_type: 'fivetran', tap_name: 'salesforce', ...changes });

/** An event as Fivetran sends it. */
const eventOf = ({ staging_schema }: Registered, changes: Record<string, unknown> = {}) => ({
  event: 'sync_end',
  created: new Date().toISOString(),
  connector_type: 'salesforce',
  connector_id: 'speak_inexpensive',
  connector_name: staging_schema,
  sync_id: 'b4703f73-6315-4e22-8d7a-3bfb18b2fed2',
  destination_group_id: 'projected_sickle',
  data: { status: 'SUCCESSFUL' },
  ...changes,
});

function send(
  connector: Registered,
  event: unknown,
  { headers, id = connector.id }: { headers?: Record<string, string>; id?: string } = {},
): Promise<Answer> {
  const text = typeof event === 'string' ? event : JSON.stringify(event);
  return api.call('POST', pathOf(id), {
    token: null,
    body: text,
    headers: headers ?? { 'x-fivetran-signature-256': signed(connector.webhook_secret, text) },
  });
}

const dispatches = () => api.deps.jobs.filter(({ name }) => name === 'dispatch-due').length;
const soonOf = async (id: string) => {
  const { nextRunAt, nextTrigger } = await connectorRow(api.deps, id);
  return { trigger: nextTrigger, due: nextRunAt !== null && nextRunAt <= new Date() };
};

async function withRun(id: string, status: string, reportedState: string | null = null) {
  const { sql } = api.deps.database;
  const [run] = await sql<{ id: string }[]>`
    insert into etl.runner_jobs (id, tenant_id, connector_id, status, trigger, scheduled_for, reported_state)
    values (${api.deps.newId()}, 'acme', ${id}, ${status}, 'schedule', now(), ${reportedState}::text::json) returning id`;
  return run?.id ?? '';
}

test('a sync that Fivetran did on its own makes the connector due at once, as documented', async () => {
  const connector = await registered();
  const { status, body } = await send(connector, eventOf(connector));
  expect([status, body]).toEqual([
    202,
    { connector_id: connector.id, status: 'queued', run_id: null, reason: null },
  ]);
  expect(await soonOf(connector.id)).toEqual({ trigger: 'webhook', due: true });
  expect(dispatches()).toBe(1);
});

test('a signature in capital letters is the same', async () => {
  const connector = await registered();
  const text = JSON.stringify(eventOf(connector));
  const capital = signed(connector.webhook_secret, text).toUpperCase();
  expect((await send(connector, text, { headers: { 'x-fivetran-signature-256': capital } })).status).toBe(
    202,
  );
});

test('an event sent again, ten times at once and later, changes nothing', async () => {
  const connector = await registered();
  const event = eventOf(connector);
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(connector, event)));
  answers.push(await send(connector, event));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
  expect(answers.map(({ body }) => body.status).filter((status) => status !== 'ignored')).toEqual(['queued']);
  expect(answers.at(-1)?.body.reason).toBe('seen_before');
  expect(dispatches()).toBe(1);
  expect(await runsOf(api.deps, connector.id)).toEqual([]);
});

describe('an unfinished run', () => {
  test.each(['queued', 'running'])('%s is nudged, whether its sync ended well or not', async (status) => {
    const connector = await registered();
    const runId = await withRun(connector.id, status);
    const before = await soonOf(connector.id);
    const failed = eventOf(connector, { data: { status: 'FAILURE_WITH_TASK', reason: 'no' } });
    expect((await send(connector, failed)).body).toEqual({
      connector_id: connector.id,
      status: 'nudged',
      run_id: runId,
      reason: null,
    });
    expect(await soonOf(connector.id)).toEqual(before);
    expect((await connectorRow(api.deps, connector.id)).lastNudgeAt?.toISOString()).toBe(failed.created);
  });

  test('that loads an older sync is followed by another; the sync it loads is not news', async () => {
    const connector = await registered();
    const state = JSON.stringify({ fivetran: { succeeded_at: new Date().toISOString(), tables: {} } });
    const runId = await withRun(connector.id, 'loading', state);
    expect((await send(connector, eventOf(connector))).body).toMatchObject({
      status: 'ignored',
      reason: 'taken_up',
    });
    await api.deps.database.sql`update etl.runner_jobs set reported_state = null where id = ${runId}`;
    expect((await send(connector, eventOf(connector))).body).toMatchObject({ status: 'queued' });
    expect(await soonOf(connector.id)).toEqual({ trigger: 'webhook', due: true });
  });
});

test('a sync that ends seconds after one that a poll took up is news once the event of the first has come', async () => {
  const connector = await registered();
  const end = Date.now() - 10_000;
  const state = JSON.stringify({ fivetran: { succeeded_at: new Date(end).toISOString(), tables: {} } });
  await api.deps.database
    .sql`update etl.meltano_connectors set tap_state = ${state} where id = ${connector.id}`;
  const endedAt = (ms: number) => eventOf(connector, { created: new Date(ms).toISOString() });
  expect((await send(connector, endedAt(end + 500))).body.reason).toBe('taken_up');
  expect((await send(connector, endedAt(end + 500))).body.reason).toBe('seen_before');
  expect((await send(connector, endedAt(end + 5_000))).body.status).toBe('queued');
});

test('a trigger by hand that waits already stays one', async () => {
  const connector = await registered();
  await api.call('POST', `${CONNECTORS}/${connector.id}/trigger`);
  expect((await send(connector, eventOf(connector))).body.status).toBe('queued');
  expect(await soonOf(connector.id)).toEqual({ trigger: 'manual', due: true });
});

describe('answered, and nothing is done', () => {
  test('for a connector that is paused or in error', async () => {
    const connector = await registered();
    await api.call('POST', `${CONNECTORS}/${connector.id}/pause`);
    expect((await send(connector, eventOf(connector))).body).toMatchObject({
      status: 'ignored',
      reason: 'connector_paused',
    });
    await api.deps.database
      .sql`update etl.meltano_connectors set status = 'error' where id = ${connector.id}`;
    expect((await send(connector, eventOf(connector))).body.reason).toBe('connector_in_error');
    expect(await soonOf(connector.id)).toEqual({ trigger: null, due: false });
  });

  test.each([
    ['another connection of the same group', { connector_name: 'google_ads' }, 'other_connection'],
    ['a failed sync', { data: { status: 'FAILURE' } }, 'sync_failed'],
    ['a sync that began', { event: 'sync_start', data: null }, 'event_not_followed'],
    [
      'an event of another shape',
      { event: 7, created: [], connector_name: {}, data: 'x' },
      'event_not_followed',
    ],
    ['an end without a time', { created: 'soon' }, 'no_time'],
  ])('%s', async (_, changes, reason) => {
    const connector = await registered();
    const { status, body } = await send(connector, eventOf(connector, changes));
    expect([status, body]).toEqual([
      202,
      { connector_id: connector.id, status: 'ignored', run_id: null, reason },
    ]);
    expect(await soonOf(connector.id)).toEqual({ trigger: null, due: false });
    expect(dispatches()).toBe(0);
  });
});

test('a table that stands for the connection is part of its name', async () => {
  const connector = await registered();
  const event = eventOf(connector, { connector_name: `${connector.staging_schema}.sheet_1` });
  expect((await send(connector, event)).body.status).toBe('queued');
});

test('signed, but no JSON object: refused in words', async () => {
  const connector = await registered();
  for (const [text, status, code] of [
    ['{"event": ', 400, 'request.malformed_json'],
    ['', 400, 'request.malformed_json'],
    ['[]', 422, 'request.invalid'],
    ['null', 422, 'request.invalid'],
  ] as const) {
    const answer = await send(connector, text);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  }
});

test('a body beyond 1 MB is 413, signed or not', async () => {
  const connector = await registered();
  const large = JSON.stringify(eventOf(connector, { pad: 'x'.repeat(1_048_576) }));
  expect((await send(connector, large)).status).toBe(413);
});

test('every refusal has the same status, body and headers, but for the id of the request', async () => {
  const mine = await registered();
  const gone = await registered();
  const custom: Registered = await api.create({ connector_type: 'meltano' });
  await api.call('DELETE', `${CONNECTORS}/${gone.id}`);
  const event = eventOf(mine);
  const wrong = { 'x-fivetran-signature-256': 'f'.repeat(64) };
  const other = { 'x-fivetran-signature-256': signed(mine.webhook_secret, '{}') };
  const cases = [
    () => send(mine, event, { headers: wrong }),
    () => send(mine, event, { headers: {} }),
    () => send(mine, event, { headers: { 'x-fivetran-signature-256': '' } }),
    () => send(mine, event, { headers: other }),
    () => send(mine, '{"event": ', { headers: wrong }),
    () => send(mine, event, { headers: { 'x-webhook-secret': signed(mine.webhook_secret, mine.id) } }),
    () => send(mine, event, { id: UNKNOWN_ID }),
    () => send(mine, event, { id: 'nonsense' }),
    () => send(gone, eventOf(gone)),
    () => send(custom, eventOf(custom)),
  ];
  const seen = new Set<string>();
  for (const refused of cases) {
    const { status, body, headers } = await refused();
    const { request_id: id, ...rest } = body;
    expect(headers.get('x-request-id')).toBe(id);
    seen.add(JSON.stringify([status, rest, [...headers].filter(([name]) => name !== 'x-request-id')]));
  }
  expect([...seen]).toEqual([expect.stringMatching(/^\[403,.*webhook\.forbidden/)]);
  expect(dispatches()).toBe(0);
});

test('a path beside it is still behind the token', async () => {
  for (const path of ['/v1/etl/fivetran/webhook', '/v1/etl/fivetran/webhook/a/b', '/v1/etl/fivetran'])
    expect((await api.call('POST', path, { token: null, body: {} })).status).toBe(401);
});
