import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiFixture, CONNECTORS, createApiFixture } from './fixture.ts';
import { insertHistory, insertMapping, insertRejected } from './rows.ts';

let api: ApiFixture;
let id: string;
beforeAll(async () => {
  api = await createApiFixture();
  ({ id } = await api.create());
});
afterAll(() => api.close());

const TENANT = { tenant: 'acme' };

/** Reads a list page by page; `between` happens after each page. */
async function pages(path: string, field: string, limit: number, between = async () => {}) {
  const seen: string[][] = [];
  for (let cursor = ''; ; ) {
    const { status, body } = await api.call('GET', `${path}?limit=${limit}${cursor}`, TENANT);
    expect(status).toBe(200);
    expect(body.count).toBe(body[field].length);
    seen.push(body[field].map((item: { id?: string; version?: number }) => item.id ?? item.version));
    if (body.next_cursor === undefined) return seen;
    cursor = `&cursor=${body.next_cursor}`;
    await between();
  }
}

describe('a list page by page is the whole list, whatever is inserted meanwhile', () => {
  test('connectors', async () => {
    for (let n = 0; n < 4; n++) await api.create({ source_system: `s${n}` });
    const whole = (await api.call('GET', CONNECTORS)).body;
    expect(Object.keys(whole)).toEqual(['connectors', 'count']);
    const found = await pages(CONNECTORS, 'connectors', 2, async () => void (await api.create()));
    expect(found.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(found.flat()).toEqual(whole.connectors.map((connector: { id: string }) => connector.id));
  });

  test('connectors that were made in one moment', async () => {
    const before = (await api.call('GET', CONNECTORS)).body.connectors;
    await api.deps.database
      .sql`update etl.meltano_connectors set created_at = '2026-01-01 00:00:00.123456+00'`;
    const found = (await pages(CONNECTORS, 'connectors', 3)).flat();
    expect(new Set(found).size).toBe(before.length);
    expect(found).toHaveLength(before.length);
  });

  test('runs', async () => {
    const made: string[] = [];
    for (let n = 1; n <= 5; n++) made.unshift(await insertHistory(api.deps, id, n * 10));
    let next = 1_000;
    const found = await pages(`${CONNECTORS}/${id}/runs`, 'runs', 2, async () => {
      next += 1;
      await insertHistory(api.deps, id, next);
    });
    expect(found.flat()).toEqual(made);
  });

  test('mappings, names of any script among them', async () => {
    const names = ['b', 'B', 'a"', 'ä', '名'];
    for (const name of names) await insertMapping(api.deps, id, 's', name);
    const { body } = await api.call('GET', `${CONNECTORS}/${id}/mappings`);
    expect(Object.keys(body)).toEqual(['mappings', 'count']);
    const found = await pages(`${CONNECTORS}/${id}/mappings`, 'mappings', 2, async () => {
      await insertMapping(api.deps, id, 'a', api.deps.newId());
    });
    expect(found.flat()).toEqual(body.mappings.map((mapping: { id: string }) => mapping.id));
  });

  test('rejected rows, also of one run', async () => {
    const runId = api.deps.newId();
    await insertRejected(api.deps, id, 5, { runId });
    await insertRejected(api.deps, id, 3, { stream: 'others' });
    const found = await pages(`${CONNECTORS}/${id}/rejected-rows`, 'rejected_rows', 3, async () => {
      await insertRejected(api.deps, id, 2);
    });
    expect(found.map((page) => page.length)).toEqual([3, 3, 2]);
    const path = `${CONNECTORS}/${id}/rejected-rows`;
    const ofRun = await api.call('GET', `${path}?run_id=${runId}`);
    expect(ofRun.body.count).toBe(5);
    expect(ofRun.body.rejected_rows[0]).toEqual({
      id: expect.stringMatching(/^\d+$/),
      run_id: runId,
      stream: 'deals',
      row_key: '["4"]',
      stage: 'load',
      row: { id: '4', amount: null },
      column: 'usd',
      expression: 'float(v)',
      error: 'not a number',
      created_at: expect.stringMatching(/Z$/),
    });
    expect((await api.call('GET', `${path}?stream=others`)).body.count).toBe(3);
  });

  test('states', async () => {
    for (let n = 0; n < 5; n++)
      await api.call('PUT', `${CONNECTORS}/${id}/state`, { body: { state: { n } } });
    const found = await pages(`${CONNECTORS}/${id}/state/history`, 'history', 2);
    expect(found).toEqual([[5, 4], [3, 2], [1]]);
  });
});

describe('a broken cursor', () => {
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const LISTS: [string, unknown[]][] = [
    [
      '',
      [
        ['2026-01-01T00:00:00Z', 'no uuid'],
        ['0000-01-01T00:00:00Z', '00000000-0000-4000-8000-000000000000'],
        5,
      ],
    ],
    ['/{id}/runs', [-1, 1.5, '5', null]],
    ['/{id}/mappings', [['a'], ['a', 'b\0'], 'a']],
    ['/{id}/rejected-rows', [-1, {}, '1; drop table']],
    ['/{id}/state/history', [99_999_999_999, [1]]],
  ];
  const KINDS = ['connectors', 'runs', 'mappings', 'rejected-rows', 'state-history'];

  test.each(LISTS.map(([path, bad], n) => ({ path, bad, kind: KINDS[n] })))(
    'of $kind is 422',
    async ({ path, bad, kind }) => {
      const other = encoded([kind === 'runs' ? 'connectors' : 'runs', 5]);
      const cursors = [
        '',
        'x',
        '%20',
        'e30',
        'W10=',
        other,
        ...bad.map((position) => encoded([kind, position])),
      ];
      for (const cursor of cursors) {
        const at = `${CONNECTORS}${path.replace('{id}', id)}?cursor=${cursor}`;
        const { status, body } = await api.call('GET', at);
        expect([cursor, status, body.code]).toEqual([cursor, 422, 'request.cursor_invalid']);
      }
    },
  );

  test.each(['0', '201', '-1', 'x'])('limit=%s is refused by every list', async (limit) => {
    for (const [path] of LISTS) {
      const { status, body } = await api.call(
        'GET',
        `${CONNECTORS}${path.replace('{id}', id)}?limit=${limit}`,
      );
      expect([path, status, body.code]).toEqual([path, 422, 'request.invalid']);
    }
  });
});
