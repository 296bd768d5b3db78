import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fieldMappings } from '../../../src/db/schema/index.ts';
import { type ApiFixture, CONNECTORS, createApiFixture, UNKNOWN_ID } from '../api/fixture.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture();
});
afterAll(() => api.close());

type Values = Partial<typeof fieldMappings.$inferInsert>;

const DRIFT = {
  kind: 'type_changed',
  since: '2026-03-28T12:00:00.000Z',
  from: 'number',
  to: 'string',
} as const;

/** A connector with these mappings, by the names of their fields. */
async function connectorWith(mappings: Record<string, Values>) {
  const { id } = await api.create();
  const rows = Object.entries(mappings).map(([sourceField, values]) => ({
    id: api.deps.newId(),
    tenantId: 'acme',
    connectorId: id,
    sourceStream: 'deals',
    sourceField,
    sourceType: 'number',
    targetSchema: 'dm',
    targetTable: 'deals',
    targetColumn: sourceField,
    targetType: 'string',
    llmMapped: false,
    confidenceScore: 1,
    ...values,
  }));
  for (let at = 0; at < rows.length; at += 1_000)
    await api.deps.database.db.insert(fieldMappings).values(rows.slice(at, at + 1_000));
  const ids = Object.fromEntries(rows.map(({ sourceField, id: mapping }) => [sourceField, mapping]));
  const path = `${CONNECTORS}/${id}/mappings`;
  return {
    path,
    ids,
    list: async (query: string) => {
      const { status, body } = await api.call('GET', `${path}${query}`);
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
      return body;
    },
    fields: async (query: string): Promise<string[]> => {
      const { body } = await api.call('GET', `${path}${query}`);
      return body.mappings.map((each: { source_field: string }) => each.source_field);
    },
    approve: (body: unknown, headers: Record<string, string> = {}) =>
      api.call('POST', `${path}/approve`, { body, headers }),
  };
}

const MIXED = {
  a_sure: {},
  b_doubtful: { confidenceScore: 0.6 },
  c_doubtful_approved: { confidenceScore: 0.6, reviewed: true },
  d_drifted_approved: { reviewed: true, drift: DRIFT },
  e_of_contacts: { sourceStream: 'contacts', targetTable: 'people', confidenceScore: 0.69 },
  f_at_the_threshold: { confidenceScore: 0.7 },
};

describe('the list of mappings', () => {
  test.each([
    [
      '',
      [
        'e_of_contacts',
        'a_sure',
        'b_doubtful',
        'c_doubtful_approved',
        'd_drifted_approved',
        'f_at_the_threshold',
      ],
    ],
    ['?needs_review=true', ['e_of_contacts', 'b_doubtful', 'd_drifted_approved']],
    ['?needs_review=false', ['a_sure', 'c_doubtful_approved', 'f_at_the_threshold']],
    ['?reviewed=true', ['c_doubtful_approved', 'd_drifted_approved']],
    ['?reviewed=false', ['e_of_contacts', 'a_sure', 'b_doubtful', 'f_at_the_threshold']],
    ['?source_stream=contacts', ['e_of_contacts']],
    ['?source_stream=Contacts', []],
    ['?target_table=people', ['e_of_contacts']],
    ['?needs_review=true&source_stream=deals&reviewed=false', ['b_doubtful']],
  ])('narrowed by "%s"', async (query, expected) => {
    const { list, fields } = await connectorWith(MIXED);
    expect(await fields(query)).toEqual(expected);
    expect((await list(query)).count).toBe(expected.length);
  });

  test('is paged the same with a filter', async () => {
    const { list } = await connectorWith(MIXED);
    const first = await list('?needs_review=true&limit=2');
    const rest = await list(`?needs_review=true&limit=2&cursor=${first.next_cursor}`);
    const fields = [...first.mappings, ...rest.mappings].map((each) => each.source_field);
    expect([first.count, rest.count, rest.next_cursor, fields]).toEqual([
      2,
      1,
      undefined,
      ['e_of_contacts', 'b_doubtful', 'd_drifted_approved'],
    ]);
  });

  test.each(['needs_review=yes', 'reviewed=', 'reviewed=1', 'source_stream=', 'target_table='])(
    'refuses %s',
    async (query) => {
      const { path } = await connectorWith({});
      const { status, body } = await api.call('GET', `${path}?${query}`);
      expect([status, body.code]).toEqual([422, 'request.invalid']);
    },
  );
});

describe('approving many mappings', () => {
  test('answers which it approved and which were', async () => {
    const { ids, approve, fields } = await connectorWith(MIXED);
    const asked = ['b_doubtful', 'c_doubtful_approved', 'a_sure'].map((field) => ids[field]);
    const { status, body } = await approve({
      ids: [...asked, ids['a_sure'], ids['b_doubtful']?.toUpperCase()],
    });
    expect([status, body]).toEqual([
      200,
      { approved: [ids['a_sure'], ids['b_doubtful']], already_approved: [ids['c_doubtful_approved']] },
    ]);
    expect(await fields('?reviewed=false')).toEqual(['e_of_contacts', 'f_at_the_threshold']);
  });

  test('takes drift off a mapping: it is now for the source as it is', async () => {
    const { ids, approve, list } = await connectorWith(MIXED);
    expect((await approve({ ids: [ids['d_drifted_approved']] })).body.approved).toEqual([
      ids['d_drifted_approved'],
    ]);
    const { mappings } = await list('?source_stream=deals');
    expect(mappings.map((each: { drift: unknown }) => each.drift)).toEqual([null, null, null, null, null]);
    const rows = await api.deps.database.db.select().from(fieldMappings);
    expect(rows.find(({ id }) => id === ids['d_drifted_approved'])?.sourceType).toBe('string');
  });

  test.each([
    [{ source_stream: 'contacts' }, ['e_of_contacts'], 0],
    [{ min_confidence: 0.7 }, ['a_sure', 'd_drifted_approved', 'f_at_the_threshold'], 0],
    [
      { source_stream: 'deals', min_confidence: 0.6 },
      ['a_sure', 'b_doubtful', 'd_drifted_approved', 'f_at_the_threshold'],
      1,
    ],
    [{ source_stream: 'nothing' }, [], 0],
  ])('by %j', async (filter, expected, already) => {
    const { ids, approve } = await connectorWith(MIXED);
    const { body } = await approve(filter);
    expect(body.approved).toEqual(expected.map((field) => ids[field]));
    expect(body.already_approved).toHaveLength(already);
  });

  test('with an id that is none of the connector approves nothing and names it', async () => {
    const { ids, approve, fields } = await connectorWith(MIXED);
    const other = await connectorWith({ x: {} });
    const strange = [UNKNOWN_ID, 'no-id', other.ids['x']];
    const { status, body } = await approve({ ids: [ids['a_sure'], ...strange] });
    expect([status, body.code]).toEqual([422, 'mapping.ids_unknown']);
    expect(body.errors).toEqual(
      strange.map((id) => ({ field: 'ids', message: `"${id}" is no mapping of this connector` })),
    );
    expect(await fields('?reviewed=true')).toEqual(['c_doubtful_approved', 'd_drifted_approved']);
  });

  test('takes 10,000 at once', { timeout: 180_000 }, async () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`f${n}`, {}]));
    const { ids, approve, fields } = await connectorWith(many);
    const { status, body } = await approve({ ids: Object.values(ids) });
    expect([status, body.approved.length]).toEqual([200, 10_000]);
    expect(await fields('?reviewed=false')).toEqual([]);
    expect((await approve({ min_confidence: 0 })).body.already_approved).toHaveLength(10_000);
  });

  test('again with the same Idempotency-Key gets the same answer', async () => {
    const { ids, approve } = await connectorWith(MIXED);
    const headers = { 'idempotency-key': 'approve-once' };
    const first = await approve({ source_stream: 'deals' }, headers);
    const second = await approve({ source_stream: 'deals' }, headers);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(second.body.approved).toContain(ids['b_doubtful']);
  });

  test.each<[unknown]>([
    [{}],
    [{ ids: [] }],
    [{ ids: [UNKNOWN_ID], source_stream: 'deals' }],
    [{ ids: 'all' }],
    [{ min_confidence: 1.1 }],
    [{ source_stream: '' }],
    [{ stream: 'deals' }],
    [{ ids: Array.from({ length: 10_001 }, () => 'x') }],
  ])('refuses a body that does not say which: %j', async (body) => {
    const { approve } = await connectorWith({});
    const answer = await approve(body);
    expect([answer.status, answer.body.code]).toEqual([422, 'request.invalid']);
  });

  test("leaves another tenant's alone", async () => {
    const { path, fields, ids } = await connectorWith(MIXED);
    const body = { ids: [ids['a_sure']] };
    const answer = await api.call('POST', `${path}/approve`, { body, tenant: 'rival' });
    expect([answer.status, answer.body.code]).toEqual([404, 'connector.not_found']);
    const { id } = await api.create({}, { tenant: 'rival' });
    const other = await api.call('POST', `${CONNECTORS}/${id}/mappings/approve`, { body, tenant: 'rival' });
    expect([other.status, other.body.code]).toEqual([422, 'mapping.ids_unknown']);
    expect(await fields('?reviewed=true')).toEqual(['c_doubtful_approved', 'd_drifted_approved']);
  });
});
