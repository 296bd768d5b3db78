import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Deps } from '../../../src/context.ts';
import type { Producer } from '../../../src/queues/ports.ts';
import { runProposal } from '../../../src/services/mappings/run-proposal.ts';
import { createExpressionEngine } from '../../../src/transform/expression/engine.ts';
import { type ApiFixture, CONNECTORS, createApiFixture, UNKNOWN_ID } from './fixture.ts';

/** The document's example request, word for word. */
const DOCUMENTED_MAP_FIELDS = {
  source_stream: 'Opportunity',
  source_schema: {
    Id: 'string',
    Name: 'string',
    Amount: 'number',
    CloseDate: 'string',
    StageName: 'string',
    OwnerId: 'string',
    CreatedDate: 'string',
  },
  target_schema: 'dm',
  target_table: 'deals',
};

const expressions = createExpressionEngine();
let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture({}, (deps) => {
    const changed: Deps = { ...deps, expressions };
    return { expressions, producer: mappingPoolOf(changed) };
  });
});
afterAll(async () => {
  await api.close();
  await expressions.close();
});

/** A queue that hands every mapping job to the pool's verb at once. */
function mappingPoolOf(deps: Deps): Producer {
  return {
    ...deps.producer,
    async addMany(jobs) {
      for (const { payload } of jobs) {
        await runProposal(deps, { mappingJobId: payload['mappingJobId'] ?? '' });
      }
    },
  };
}

const mapFields = (id: string, body: unknown = DOCUMENTED_MAP_FIELDS) =>
  api.call('POST', `${CONNECTORS}/${id}/map-fields`, { body });

const DOCUMENTED_FIELDS = {
  id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  source_stream: 'Opportunity',
  source_field: expect.any(String),
  target_schema: 'dm',
  target_table: 'deals',
  target_column: expect.any(String),
  llm_mapped: false,
  confidence_score: expect.any(Number),
  reviewed: false,
  created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
};

describe('POST map-fields', () => {
  test("the document's example request gets every documented field", async () => {
    const { id } = await api.create();
    const { status, body } = await mapFields(id);
    expect(status).toBe(201);
    expect(Object.keys(body)).toEqual(['mapped', 'review_required', 'message', 'mappings']);
    expect(body.mapped).toBe(body.mappings.length);
    expect(body.mapped).toBeGreaterThan(0);
    for (const mapping of body.mappings) {
      expect(mapping).toMatchObject(DOCUMENTED_FIELDS);
      expect(mapping).toHaveProperty('transform_fn');
      expect(Object.keys(DOCUMENTED_MAP_FIELDS.source_schema)).toContain(mapping.source_field);
    }
    const doubtful = body.mappings.filter(
      (each: { confidence_score: number }) => each.confidence_score < 0.7,
    ).length;
    expect(body.review_required).toBe(doubtful);
    const words = doubtful === 1 ? '1 mapping has' : `${doubtful} mappings have`;
    const message = `${words} confidence < 0.7 and should be reviewed.`;
    expect(body.message).toBe(doubtful === 0 ? 'All mappings have confidence >= 0.7.' : message);
  });

  test.each([
    ['no stream', { source_stream: undefined }, 'source_stream'],
    ['no fields', { source_schema: {} }, 'source_schema'],
    ['a type that is no text', { source_schema: { Id: 7 } }, 'source_schema.Id'],
    ['an unknown schema', { target_schema: 'xx' }, 'target_schema'],
    ['a table with a dot', { target_table: 'a.b' }, 'target_table'],
    ['an unknown field', { model: 'x' }, 'model'],
    ['a NUL', { source_stream: 'a\u0000' }, 'source_stream'],
  ])('%s is refused, naming the field', async (_name, change, field) => {
    const { id } = await api.create();
    const { status, body } = await mapFields(id, { ...DOCUMENTED_MAP_FIELDS, ...change });
    expect([status, body.code, body.errors[0].field]).toEqual([422, 'request.invalid', field]);
  });
});

describe('the answers of map-fields', () => {
  const custom = (change: object) => ({
    ...DOCUMENTED_MAP_FIELDS,
    target_schema: 'custom',
    target_table: 'sums',
    ...change,
  });

  test('say so when no field fits', async () => {
    const { id } = await api.create();
    const { status, body } = await mapFields(id, custom({ target_schema_def: { volume_of_moon: 'double' } }));
    expect([status, body]).toEqual([
      201,
      {
        mapped: 0,
        review_required: 0,
        message: 'No field fits a column of the target.',
        mappings: [],
      },
    ]);
  });

  test('name every column whose type is not known', async () => {
    const { id } = await api.create();
    const { status, body } = await mapFields(id, custom({ target_schema_def: { a: 'strin', b: 'long' } }));
    expect([status, body.code, body.errors]).toEqual([
      422,
      'mapping.target_invalid',
      [{ field: 'target_schema_def.a', message: expect.stringContaining('"strin"') }],
    ]);
  });

  test('are 409 where two streams of one table differ in a type, and name the other stream', async () => {
    const { id } = await api.create();
    await mapFields(id, custom({ target_schema_def: { Amount: 'double' } }));
    const other = { source_stream: 'Archive', target_schema_def: { Amount: 'long' } };
    const { status, body } = await mapFields(id, custom(other));
    expect([status, body.code]).toEqual([409, 'mapping.type_conflict']);
    expect(body.detail).toContain('"Opportunity"');
  });

  test('take 5,000 fields and no more', async () => {
    const { id } = await api.create();
    const fields = Array.from({ length: 5_001 }, (_, n) => [`f${n}`, 'string']);
    const ask = (most: number) =>
      mapFields(
        id,
        custom({
          source_schema: Object.fromEntries(fields.slice(0, most)),
          target_schema_def: { f17: 'string' },
        }),
      );
    const { status, body } = await ask(5_000);
    expect([status, body.mappings[0]?.source_field]).toEqual([201, 'f17']);
    const refused = await ask(5_001);
    expect([refused.status, refused.body.errors[0].field]).toEqual([422, 'source_schema']);
  });
});

describe('GET mappings', () => {
  test('all of them by stream, then field, with their count', async () => {
    const { id } = await api.create();
    await mapFields(id);
    await mapFields(id, {
      ...DOCUMENTED_MAP_FIELDS,
      source_stream: 'Account',
      source_schema: { Id: 'string' },
    });
    const { status, body } = await api.call('GET', `${CONNECTORS}/${id}/mappings`);
    expect(status).toBe(200);
    expect(body.count).toBe(body.mappings.length);
    const keys = body.mappings.map(
      (each: Record<string, string>) => `${each['source_stream']}/${each['source_field']}`,
    );
    expect(keys.length).toBeGreaterThan(2);
    expect(keys).toEqual(keys.toSorted());
    expect((await api.call('GET', `${CONNECTORS}/${id}`)).body.mapping_count).toBe(body.count);
  });
});

describe('PUT mapping', () => {
  async function mapped() {
    const { id } = await api.create();
    const { body } = await mapFields(id);
    const [first, second] = body.mappings;
    return { path: `${CONNECTORS}/${id}/mappings`, first, second };
  }

  test('approving answers the updated record and changes nothing else', async () => {
    const { path, first } = await mapped();
    const { status, body } = await api.call('PUT', `${path}/${first.id}`, { body: { reviewed: true } });
    expect([status, body]).toEqual([200, { ...first, reviewed: true }]);
  });

  test("the document's transform is taken", async () => {
    const { path, first } = await mapped();
    const transform_fn = 'round(float(v) / 100, 2) if v else 0.0';
    const { status, body } = await api.call('PUT', `${path}/${first.id}`, { body: { transform_fn } });
    const warnings = ['A missing value (None) becomes "0.0".', ...first.warnings];
    const reason = 'Set by a reviewer: the transform.';
    expect([status, body]).toEqual([200, { ...first, transform_fn, warnings, reason }]);
    const cleared = await api.call('PUT', `${path}/${first.id}`, { body: { transform_fn: null } });
    expect(cleared.body.transform_fn).toBeNull();
  });

  test('an empty body changes nothing', async () => {
    const { path, first } = await mapped();
    const { status, body } = await api.call('PUT', `${path}/${first.id}`, { body: {} });
    expect([status, body]).toEqual([200, first]);
  });

  test('a hostile transform, an unknown column and a column that is taken are refused with their reason', async () => {
    const { path, first, second } = await mapped();
    for (const [change, expected] of [
      [{ transform_fn: '__import__("os").system("id")' }, [422, 'mapping.transform_refused']],
      [{ target_column: 'no_such_column' }, [422, 'mapping.column_unknown']],
      [{ target_column: second.target_column }, [409, 'mapping.column_taken']],
    ] as const) {
      const { status, body } = await api.call('PUT', `${path}/${first.id}`, { body: change });
      expect([status, body.code]).toEqual(expected);
    }
  });

  test.each([
    [{ reviewed: 'yes' }, 'reviewed'],
    [{ target_column: '' }, 'target_column'],
    [{ id: 'x' }, 'id'],
  ])('%j is refused, naming the field', async (change, field) => {
    const { path, first } = await mapped();
    const { status, body } = await api.call('PUT', `${path}/${first.id}`, { body: change });
    expect([status, body.errors[0].field]).toEqual([422, field]);
  });

  test("an unknown mapping, a malformed id and another connector's mapping are 404 in the same words", async () => {
    const [one, other] = [await mapped(), await mapped()];
    for (const mappingId of [UNKNOWN_ID, 'x', other.first.id]) {
      const { status, body } = await api.call('PUT', `${one.path}/${mappingId}`, {
        body: { reviewed: true },
      });
      expect([status, body.code]).toEqual([404, 'mapping.not_found']);
    }
  });
});
