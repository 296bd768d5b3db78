import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectorRow } from '../../harness/connectors.ts';
import { type ApiFixture, CONNECTORS, createApiFixture } from './fixture.ts';
import { insertRun } from './rows.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture();
});
afterAll(() => api.close());

const put = (id: string, body: unknown, headers: Record<string, string> = {}) =>
  api.call('PUT', `${CONNECTORS}/${id}/state`, { body, headers });
const rollback = (id: string, version: unknown) =>
  api.call('POST', `${CONNECTORS}/${id}/state/rollback`, { body: { version } });

const BIG = '{"bookmarks":{"a":{"id":9007199254740993,"ratio":1.0,"small":1e-400}}}';

describe('state', () => {
  test('is null at version 0 before the first run', async () => {
    const { id } = await api.create();
    const { status, body, headers } = await api.call('GET', `${CONNECTORS}/${id}/state`);
    expect([status, body, headers.get('etag')]).toEqual([200, { state: null, version: 0 }, '"0"']);
    expect((await api.call('GET', `${CONNECTORS}/${id}/state/history`)).body).toEqual({
      history: [],
      count: 0,
    });
  });

  test('is put and got back digit by digit', async () => {
    const { id } = await api.create();
    const answer = await put(id, `{ "state" : ${BIG} }`);
    expect([answer.status, answer.text]).toEqual([200, `{"state":${BIG},"version":1}`]);
    expect((await api.call('GET', `${CONNECTORS}/${id}/state`)).text).toBe(answer.text);
    expect((await connectorRow(api.deps, id)).tapState).toBe(BIG);
    expect((await api.call('GET', `${CONNECTORS}/${id}/state/history`)).text).toContain(BIG);
  });

  test('is put only over the version of If-Match', async () => {
    const { id } = await api.create();
    expect((await put(id, { state: { a: 1 } }, { 'if-match': '"0"' })).status).toBe(200);
    const stale = await put(id, { state: { a: 2 } }, { 'if-match': '"0"' });
    expect([stale.status, stale.body.code]).toEqual([412, 'state.version_changed']);
    expect((await connectorRow(api.deps, id)).tapState).toBe('{"a":1}');
  });

  test('goes back to an earlier version as a new one, also from nothing', async () => {
    const { id } = await api.create();
    await put(id, `{"state":${BIG}}`);
    await put(id, { state: null });
    const { status, text } = await rollback(id, 1);
    expect([status, text]).toEqual([200, `{"state":${BIG},"version":3}`]);
    const { body } = await api.call('GET', `${CONNECTORS}/${id}/state/history`);
    expect(
      body.history.map((entry: { version: number; actor: string }) => [entry.version, entry.actor]),
    ).toEqual([
      [3, 'user:acme'],
      [2, 'user:acme'],
      [1, 'user:acme'],
    ]);
    const unknown = await rollback(id, 99);
    expect([unknown.status, unknown.body.code]).toEqual([404, 'state.version_unknown']);
  });

  test('does not change under an unfinished run', async () => {
    const { id } = await api.create();
    await put(id, { state: { a: 1 } });
    await insertRun(api.deps, id, { status: 'queued' });
    for (const answer of [await put(id, { state: null }), await rollback(id, 1)]) {
      expect([answer.status, answer.body.code]).toEqual([409, 'state.run_unfinished']);
    }
    expect(await connectorRow(api.deps, id)).toMatchObject({ tapState: '{"a":1}', stateVersion: 1 });
  });

  test.each([[{}], [{ state: [] }], [{ state: 'x' }], [{ state: 5 }], [{ state: {}, version: 1 }]])(
    '%j is refused',
    async (body) => {
      const { id } = await api.create();
      const answer = await put(id, body);
      expect([answer.status, answer.body.code]).toEqual([422, 'request.invalid']);
    },
  );

  test.each([-1, 1.5, '1', null, 2 ** 40])('a rollback to version %j is refused', async (version) => {
    const { id } = await api.create();
    expect((await rollback(id, version)).body.code).toBe('request.invalid');
  });
});
