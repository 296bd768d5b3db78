import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { approveAll } from '../../../src/services/mappings/approve.ts';
import { removeMapping } from '../../../src/services/mappings/remove.ts';
import { updateMapping } from '../../../src/services/mappings/update.ts';
import { createExpressionEngine } from '../../../src/transform/expression/engine.ts';
import { type ApiFixture, CONNECTORS, createApiFixture, UNKNOWN_ID } from '../api/fixture.ts';
import { ctxOf, OPPORTUNITY, proposed, workOff } from './fixture.ts';

const expressions = createExpressionEngine();
let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture({}, () => ({ expressions }));
  workOff(api.deps);
});
afterAll(async () => {
  await api.close();
  await expressions.close();
});

const pathOf = (id: string) => `${CONNECTORS}/${id}/mappings`;

let systems = 0;

/** Of a system of its own: what is decided for one is proposed for the others of its system. */
async function mappedConnector() {
  systems += 1;
  const { id: connectorId } = await api.create({ source_system: `crm${systems}` });
  const ctx = ctxOf(api.deps);
  const { mappings } = await proposed(ctx, { connectorId, ...OPPORTUNITY });
  const idOf = (field: string) => mappings.find(({ sourceField }) => sourceField === field)?.id ?? '';
  const history = async (query = '') => {
    const { body } = await api.call('GET', `${pathOf(connectorId)}/history${query}`);
    return body.history;
  };
  const of = async (field: string) => {
    const { body } = await api.call('GET', `${pathOf(connectorId)}/${idOf(field)}/history`);
    return body.history;
  };
  const columnOf = (field: string) => mappings.find(({ sourceField }) => sourceField === field)?.targetColumn;
  return { connectorId, ctx, mappings, idOf, columnOf, history, of };
}

describe('the history of mappings', () => {
  test('says what was proposed, for whom and when', async () => {
    const { mappings, history, of, idOf, columnOf } = await mappedConnector();
    expect(await history()).toHaveLength(mappings.length);
    expect(await of('Amount')).toEqual([
      {
        mapping_id: idOf('Amount'),
        source_stream: 'Opportunity',
        source_field: 'Amount',
        action: 'proposed',
        actor: 'user:test',
        from: null,
        to: expect.objectContaining({ target_column: columnOf('Amount'), reviewed: false, drift: null }),
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      },
    ]);
  });

  test('says what a person changed, only what differs, the newest first', async () => {
    const { connectorId, ctx, idOf, columnOf, of, mappings } = await mappedConnector();
    const amount = mappings.find(({ sourceField }) => sourceField === 'Amount');
    const eve = { ...ctx, actor: 'user:eve' };
    const change = (patch: Parameters<typeof updateMapping>[1]['patch']) =>
      updateMapping(eve, { connectorId, mappingId: idOf('Amount'), patch });
    await change({ targetColumn: 'expected_revenue_usd', transformFn: 'float(v)' });
    await change({ reviewed: true });
    await change({ reviewed: true });
    await change({ reviewed: false });
    await approveAll(ctx, { connectorId, choice: { ids: [idOf('Amount')] } });
    const changes = await of('Amount');
    expect(
      changes.map((each: Record<string, unknown>) => [
        each['action'],
        each['actor'],
        each['from'],
        each['to'],
      ]),
    ).toEqual([
      ['approved', 'user:test', { reviewed: false }, { reviewed: true }],
      ['unapproved', 'user:eve', { reviewed: true }, { reviewed: false }],
      ['approved', 'user:eve', { reviewed: false }, { reviewed: true }],
      [
        'updated',
        'user:eve',
        {
          target_column: columnOf('Amount'),
          transform_fn: amount?.transformFn,
          reason: amount?.reason,
        },
        {
          target_column: 'expected_revenue_usd',
          transform_fn: 'float(v)',
          reason: 'Set by a reviewer: the column and the transform.',
        },
      ],
      ['proposed', 'user:test', null, expect.anything()],
    ]);
  });

  test('says what another proposal replaced and withdrew, and nothing of what it left', async () => {
    const { connectorId, ctx, idOf, columnOf, of, history, mappings } = await mappedConnector();
    await proposed(ctx, { connectorId, ...OPPORTUNITY });
    expect(await history()).toHaveLength(mappings.length);
    const targetSchemaDef = { Amount: 'double', name: 'string' };
    const input = { ...OPPORTUNITY, targetSchema: 'custom', targetTable: 'flat', targetSchemaDef } as const;
    await proposed({ ...ctx, actor: 'user:eve' }, { connectorId, ...input });
    const latest = (field: string) => of(field).then(([change]) => change);
    expect(await latest('Amount')).toMatchObject({
      action: 'replaced',
      actor: 'user:eve',
      from: { target_table: 'deals', target_column: columnOf('Amount') },
      to: { target_table: 'flat', target_column: 'Amount' },
    });
    expect(await latest('CloseDate')).toMatchObject({
      mapping_id: idOf('CloseDate'),
      action: 'withdrawn',
      actor: 'user:eve',
      from: { target_column: columnOf('CloseDate') },
      to: null,
    });
  });

  test('stays when the mapping is deleted, with who deleted it', async () => {
    const { connectorId, ctx, idOf, columnOf, of } = await mappedConnector();
    await removeMapping({ ...ctx, actor: 'user:eve' }, { connectorId, mappingId: idOf('Amount') });
    expect(await of('Amount')).toMatchObject([
      { action: 'removed', actor: 'user:eve', from: { target_column: columnOf('Amount') }, to: null },
      { action: 'proposed' },
    ]);
  });

  test('is paged, of all mappings and of one', async () => {
    const { connectorId, ctx, idOf, history } = await mappedConnector();
    await approveAll(ctx, { connectorId, choice: { minConfidence: 0 } });
    const all = await history('?limit=200');
    const seen = [];
    let cursor = '';
    for (let pages = 0; pages < 50; pages++) {
      const { body } = await api.call('GET', `${pathOf(connectorId)}/history?limit=5${cursor}`);
      expect(body.count).toBe(body.history.length);
      seen.push(...body.history);
      if (!body.next_cursor) break;
      cursor = `&cursor=${body.next_cursor}`;
    }
    expect(seen).toEqual(all);
    const one = `${pathOf(connectorId)}/${idOf('Amount')}/history?limit=1`;
    const first = await api.call('GET', one);
    const second = await api.call('GET', `${one}&cursor=${first.body.next_cursor}`);
    const actions = [first, second].map(({ body }) => body.history[0].action);
    expect([actions, second.body.next_cursor]).toEqual([['approved', 'proposed'], undefined]);
  });

  test('is of nobody else, and of no mapping that never was', async () => {
    const { connectorId, idOf } = await mappedConnector();
    const asked = (mapping: string, tenant = 'acme') =>
      api.call('GET', `${pathOf(connectorId)}/${mapping}/history`, { tenant });
    for (const [mapping, tenant, code] of [
      [idOf('Amount'), 'rival', 'connector.not_found'],
      [UNKNOWN_ID, 'acme', 'mapping.not_found'],
      ['nonsense', 'acme', 'mapping.not_found'],
    ]) {
      const { status, body } = await asked(mapping ?? '', tenant);
      expect([status, body.code]).toEqual([404, code]);
    }
    const other = await api.create();
    const elsewhere = await api.call('GET', `${pathOf(other.id)}/${idOf('Amount')}/history`);
    expect([elsewhere.status, elsewhere.body.code]).toEqual([404, 'mapping.not_found']);
    expect((await api.call('GET', `${pathOf(other.id)}/history`)).body).toEqual({ history: [], count: 0 });
    const rival = await api.call('GET', `${pathOf(connectorId)}/history`, { tenant: 'rival' });
    expect([rival.status, rival.body.code]).toEqual([404, 'connector.not_found']);
  });

  test.each(['limit=0', 'limit=201', 'cursor=x'])('refuses %s', async (query) => {
    const { id } = await api.create();
    expect((await api.call('GET', `${pathOf(id)}/history?${query}`)).status).toBe(422);
  });
});
