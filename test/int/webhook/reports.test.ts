import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stateHistory } from '../../../src/db/schema/index.ts';
import { connectorRow, historyOf, runsOf } from '../../harness/connectors.ts';
import { type ApiFixture, CONNECTORS } from '../api/fixture.ts';
import { createLiveApi, type LiveApi } from '../api/live.ts';
import { createSender, type Registered, reportOf } from './sender.ts';

let api: LiveApi & ApiFixture;
let send: ReturnType<typeof createSender>;
beforeAll(async () => {
  api = await createLiveApi(['transform']);
  send = createSender(api);
});
afterAll(() => api.close());

const withState = (connector: Registered, state: string) =>
  JSON.stringify(reportOf(connector)).replace(/}$/, `,"tap_state":${state}}`);
const stateOf = async (id: string) => (await connectorRow(api.deps, id)).tapState;

describe('a state', () => {
  test.each([
    ['{"id":9007199254740993,"neg":-9223372036854775808}'],
    ['{"n":123456789012345678901234567890.123456789012345678901234567890}'],
    ['{"a":1.0,"b":1e400,"c":-0,"d":1E+2}'],
    ['{"nul":"a\\u0000b","lone":"\\ud83d"}'],
    ['{"__proto__":{"a":1},"constructor":2}'],
    ['{"":"","a.b":[[],{}],"t":"\\\\\\"{"}'],
  ])('%s is kept as it was written', async (state) => {
    const connector = await api.create();
    const { status } = await send(connector, {}, { raw: withState(connector, state) });
    expect([status, await stateOf(connector.id)]).toEqual([200, state]);
    const detail = await api.call('GET', `${CONNECTORS}/${connector.id}`);
    expect(detail.text).toContain(`"tap_state":${state}`);
  });

  test('of escapes and keys given twice keeps its meaning: the last of them', async () => {
    const connector = await api.create();
    const raw = withState(
      connector,
      '{ "\\u0061": 1, "a": "\\u00e9\\/", "b": {"x": 1, "x": 18446744073709551616} }',
    );
    await send(connector, {}, { raw });
    expect(await stateOf(connector.id)).toBe('{"a":"é/","b":{"x":18446744073709551616}}');
  });

  test('may be 100 levels deep; deeper is refused in words, however deep', async () => {
    const connector = await api.create();
    const deep = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    expect((await send(connector, {}, { raw: withState(connector, deep(100)) })).status).toBe(200);
    const kept = await stateOf(connector.id);
    for (const levels of [101, 5_000, 400_000]) {
      const { status, body } = await send(connector, {}, { raw: withState(connector, deep(levels)) });
      expect([status, body.code, body.errors]).toEqual([
        422,
        'request.invalid',
        [{ field: 'tap_state', message: 'is nested deeper than 100 levels' }],
      ]);
    }
    expect(await stateOf(connector.id)).toBe(kept);
  });

  test.each(['null', '{}'])('of %s keeps the old one', async (state) => {
    const connector = await api.create();
    await send(connector, {}, { raw: withState(connector, '{"a":1}') });
    await send(connector, {}, { raw: withState(connector, state) });
    await send(connector);
    expect(await stateOf(connector.id)).toBe('{"a":1}');
    const kept = await api.deps.database.db
      .select()
      .from(stateHistory)
      .where(eq(stateHistory.connectorId, connector.id));
    expect(kept).toHaveLength(1);
  });
});

describe('rows_written', () => {
  test.each(['9007199254740992', '9007199254740993', '1e300', '-1', '1.5', '"7"', 'null', 'true'])(
    '%s is refused',
    async (rows) => {
      const connector = await api.create();
      const raw = JSON.stringify(reportOf(connector)).replace('"rows_written":0', `"rows_written":${rows}`);
      const { status, body } = await send(connector, {}, { raw });
      expect([status, body.errors[0].field]).toEqual([422, 'rows_written']);
      expect(await runsOf(api.deps, connector.id)).toEqual([]);
    },
  );

  test('may be as large as a number can be told exactly', async () => {
    const connector = await api.create();
    expect((await send(connector, { rows_written: Number.MAX_SAFE_INTEGER })).status).toBe(200);
    const { body } = await api.call('GET', `${CONNECTORS}/${connector.id}/runs`);
    expect(body.runs[0].rows_synced).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('duplicates', () => {
  test('at once and after the end, with a run_id, are one run with one answer and one effect', async () => {
    const connector = await api.create();
    const run_id = api.deps.newId();
    const raw = JSON.stringify({ ...reportOf(connector, { run_id }), tap_state: { a: 1 } });
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(connector, {}, { raw })));
    const other = { run_id, status: 'failed', error_msg: 'too late', tap_state: { a: 2 } };
    answers.push(await send(connector, {}, { raw }), await send(connector, other));
    const expected = { run_id, status: 'completed', rows_loaded: 0, rows_failed: 0, tables: [] };
    expect(answers.map(({ status, body }) => [status, body])).toEqual(answers.map(() => [200, expected]));
    expect(await historyOf(api.deps, connector.id)).toHaveLength(1);
    expect(await connectorRow(api.deps, connector.id)).toMatchObject({
      tapState: '{"a":1}',
      stateVersion: 1,
      consecutiveFailures: 0,
    });
  });

  test('of failures at once open the breaker at the third run, not before', async () => {
    const connector = await api.create();
    for (const failures of [1, 2, 3]) {
      const report = { status: 'failed', error_msg: 'no', run_id: api.deps.newId(), tap_state: { lost: 1 } };
      const answers = await Promise.all(Array.from({ length: 5 }, () => send(connector, report)));
      expect(new Set(answers.map(({ status, body }) => `${status} ${body.status}`))).toEqual(
        new Set(['200 failed']),
      );
      expect(await connectorRow(api.deps, connector.id)).toMatchObject({
        consecutiveFailures: failures,
        status: failures === 3 ? 'error' : 'active',
        tapState: null,
      });
    }
    expect((await connectorRow(api.deps, connector.id)).nextRunAt).toBeNull();
  });
});

describe('the connector after a report', () => {
  test('that was partial keeps its failures and takes the state', async () => {
    const connector = await api.create();
    await send(connector, { status: 'failed', error_msg: 'no' });
    const { body } = await send(connector, { status: 'partial', error_msg: 'half', tap_state: { page: 7 } });
    expect(body).toMatchObject({ status: 'partial' });
    expect(await connectorRow(api.deps, connector.id)).toMatchObject({
      consecutiveFailures: 1,
      status: 'active',
      tapState: '{"page":7}',
      lastError: 'half',
    });
  });

  test('that completed while it was paused stays paused, without a slot, and keeps the state', async () => {
    const connector = await api.create();
    await api.call('POST', `${CONNECTORS}/${connector.id}/pause`);
    expect((await send(connector, { tap_state: { a: 1 } })).body.status).toBe('completed');
    expect(await connectorRow(api.deps, connector.id)).toMatchObject({
      status: 'paused',
      nextRunAt: null,
      tapState: '{"a":1}',
    });
  });

  test('that completed after three failures has no failures, and runs again only once it is resumed', async () => {
    const connector = await api.create();
    for (let time = 0; time < 3; time++) await send(connector, { status: 'failed', error_msg: 'no' });
    expect((await send(connector)).body.status).toBe('completed');
    expect(await connectorRow(api.deps, connector.id)).toMatchObject({
      status: 'error',
      nextRunAt: null,
      consecutiveFailures: 0,
    });
    expect((await api.call('POST', `${CONNECTORS}/${connector.id}/resume`)).body.status).toBe('active');
  });

  test('that completed moves on to the next slot of its schedule', async () => {
    const connector = await api.create({ sync_schedule: '0 0 1 1 *' });
    await send(connector);
    const { nextRunAt } = await connectorRow(api.deps, connector.id);
    expect(nextRunAt?.toISOString()).toMatch(/^\d{4}-01-01T00:0\d/);
  });
});
