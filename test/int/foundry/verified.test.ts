import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contextFor } from '../../../src/context.ts';
import type { CatalogTable } from '../../../src/domain/foundry/catalog.ts';
import { addCatalog } from '../../../src/services/catalogs/add.ts';
import { disableCatalog } from '../../../src/services/catalogs/disable.ts';
import { UNKNOWN_ID } from '../api/fixture.ts';
import { type FoundryFixture, foundryFixture, modelThat, SEGMENTS, segmentsTable } from './fixture.ts';

const VERIFIED = '/v1/foundry/verified';
const FEEDBACK = '/v1/foundry/feedback';
const QUESTION = 'Which segments does Apple have?';
const SQL = 'select distinct segment_name from ivory_tenant_acme.revenue_breakdowns';

let tables: (namespace: string) => CatalogTable = segmentsTable;
let foundry: FoundryFixture;
beforeAll(async () => {
  foundry = await foundryFixture({
    store: { tables: ({ namespaces }) => namespaces.map((namespace) => tables(namespace)) },
  });
});
afterAll(() => foundry.close());

const verify = (body: unknown, tenant = 'acme') => foundry.call('POST', VERIFIED, { body, tenant });
const pair = { question: QUESTION, target: 'iomete', sql: SQL, explanation: 'All segments' };

describe('a verified answer', () => {
  it('answers its question, however it is written, without a model planning it, and is marked', async () => {
    expect(await verify(pair)).toMatchObject({ status: 201, body: { question: QUESTION, sql: SQL } });
    await foundry.follow({});
    for (const question of [
      QUESTION,
      'which segments  does APPLE have',
      '“Which segments does Apple have”?!',
    ]) {
      expect(await foundry.ask(question)).toMatchObject({
        question,
        verified: true,
        plan: { planner: 'verified', explanation: 'All segments', target: 'iomete' },
        error: null,
      });
    }
    expect(foundry.asksOf('plan')).toEqual([]);
    expect(foundry.store.asked[0]?.query).toMatch(/select distinct.*limit/is);
  });

  it.each([
    'Which segment does Apple have?',
    'Which segments does Apple not have?',
    'Which segments does Apple have 1.5?',
  ])('does not answer another question: %s', async (question) => {
    expect(await foundry.ask(question)).toMatchObject({ verified: false, plan: { planner: 'model' } });
  });

  it("is its tenant's alone", async () => {
    await foundry.follow({
      model: modelThat('select ticker from ivory_tenant_rival.revenue_breakdowns'),
    });
    expect(await foundry.ask(QUESTION, {}, 'rival')).toMatchObject({
      verified: false,
      plan: { planner: 'model' },
    });
    expect((await foundry.call('GET', VERIFIED, { tenant: 'rival' })).body).toEqual({
      verified: [],
      count: 0,
    });
    const [mine] = (await foundry.call('GET', VERIFIED)).body.verified;
    const path = `${VERIFIED}/${mine.id}`;
    expect((await foundry.call('DELETE', path, { tenant: 'rival' })).status).toBe(404);
  });

  it('is there once: another for the same question is a conflict', async () => {
    const again = await verify({ ...pair, question: QUESTION.toUpperCase() });
    expect(again).toMatchObject({ status: 409, body: { code: 'foundry.verified_exists' } });
  });

  it.each([
    ['a write', { sql: 'delete from ivory_tenant_acme.revenue_breakdowns' }, 'foundry.query_refused'],
    [
      "another tenant's table",
      { sql: 'select * from ivory_tenant_rival.revenue_breakdowns' },
      'foundry.query_refused',
    ],
    ['a store that is not there', { target: 'questdb' }, 'foundry.target_unknown'],
    ['an unknown store', { target: 'oracle' }, 'request.invalid'],
    ['no query', { sql: '' }, 'request.invalid'],
    ['a question of marks', { question: '?!' }, 'foundry.question_empty'],
    ['another field', { reviewed: true }, 'request.invalid'],
  ])('is refused with %s', async (_, changes, code) => {
    expect(await verify({ ...pair, question: 'Another?', ...changes })).toMatchObject({
      status: 422,
      body: { code },
    });
  });

  it('says what of it is missing, or too much', async () => {
    const missing = await verify({ question: 'Q?', target: 'iomete' });
    expect(missing.body.errors.map(({ field }: { field: string }) => field)).toEqual(['sql', 'explanation']);
    const much = await verify({ answer_id: UNKNOWN_ID, sql: SQL });
    expect(much).toMatchObject({ status: 422, body: { errors: [{ field: 'sql' }] } });
  });

  it('is made of an answer by its id', async () => {
    await foundry.follow({});
    const { id } = await foundry.ask(SEGMENTS.question);
    expect((await verify({ answer_id: id }, 'rival')).status).toBe(404);
    expect((await verify({ answer_id: UNKNOWN_ID })).status).toBe(404);
    expect((await verify({ answer_id: 'x' })).status).toBe(404);
    const made = await verify({ answer_id: id });
    expect(made).toMatchObject({
      status: 201,
      body: { question: SEGMENTS.question, sql: SEGMENTS.sql, explanation: SEGMENTS.explanation },
    });
    expect(await foundry.ask(SEGMENTS.question)).toMatchObject({ verified: true });
  });

  it('of a follow-up needs the whole question', async () => {
    await foundry.follow({});
    const context = [{ role: 'user', content: 'Revenue by segment?' }];
    const { id } = await foundry.ask('And by growth?', { context });
    expect(await verify({ answer_id: id })).toMatchObject({
      status: 422,
      body: { code: 'foundry.question_needed' },
    });
    expect(await verify({ answer_id: id, question: 'Growth by segment?' })).toMatchObject({ status: 201 });
  });

  it('is not made of a question that was not answered', async () => {
    await foundry.follow({ model: modelThat('drop table x') });
    const { id } = await foundry.ask('What went wrong?');
    expect(await verify({ answer_id: id })).toMatchObject({
      status: 422,
      body: { code: 'foundry.nothing_to_verify' },
    });
  });

  it('is guarded whenever it is used: without its table another plan is made, and that is said', async () => {
    const before = tables;
    tables = (namespace) => ({ ...segmentsTable(namespace), name: `${namespace}.segments` });
    const ctx = contextFor(foundry.deps, { tenantId: 'acme', actor: 'test' });
    await disableCatalog(ctx, { catalogName: 'ivory-lakehouse' });
    await addCatalog(ctx, { catalogName: 'second', namespace: 'ivory_tenant_acme_2' });
    await foundry.follow({ model: modelThat('select ticker from ivory_tenant_acme_2.segments') });
    const body = await foundry.ask(QUESTION);
    expect(body).toMatchObject({ verified: false, error: null, plan: { planner: 'model' } });
    expect(body.notes).toEqual([expect.stringMatching(/^The verified query no longer answers: /)]);
    tables = before;
  });

  it('is forgotten', async () => {
    const { body } = await foundry.call('GET', VERIFIED);
    expect(body.count).toBe(3);
    for (const { id } of body.verified) {
      expect((await foundry.call('DELETE', `${VERIFIED}/${id}`)).status).toBe(204);
      expect((await foundry.call('DELETE', `${VERIFIED}/${id}`)).status).toBe(404);
    }
    expect((await foundry.call('DELETE', `${VERIFIED}/x`)).status).toBe(404);
    expect((await foundry.call('GET', VERIFIED)).body).toEqual({ verified: [], count: 0 });
  });
});

describe('feedback', () => {
  it('is kept with its answer, the last word counts, and it is listed page by page', async () => {
    await foundry.follow({ model: modelThat('select ticker from ivory_tenant_acme_2.segments') });
    const [a, b] = [await foundry.ask('First?'), await foundry.ask('Second?')];
    const give = (id: string, body: unknown, tenant = 'acme') =>
      foundry.call('POST', `/v1/foundry/answers/${id}/feedback`, { body, tenant });
    expect(await give(a.id, { rating: 'up' })).toMatchObject({
      status: 200,
      body: { answer_id: a.id, rating: 'up', comment: null },
    });
    expect(await give(a.id, { rating: 'down', comment: 'Not\nthese.' })).toMatchObject({ status: 200 });
    expect(await give(b.id, { rating: 'up' })).toMatchObject({ status: 200 });
    expect((await give(a.id, { rating: 'up' }, 'rival')).status).toBe(404);
    expect((await give(UNKNOWN_ID, { rating: 'up' })).status).toBe(404);
    expect((await give('x', { rating: 'up' })).status).toBe(404);
    expect((await give(a.id, { rating: 'meh' })).status).toBe(422);
    const first = (await foundry.call('GET', `${FEEDBACK}?limit=1`)).body;
    expect(first).toMatchObject({ count: 1, feedback: [{ answer_id: b.id, question: 'Second?' }] });
    const next = (await foundry.call('GET', `${FEEDBACK}?limit=1&cursor=${first.next_cursor}`)).body;
    expect(next).toMatchObject({
      count: 1,
      feedback: [{ answer_id: a.id, rating: 'down', comment: 'Not\nthese.', target: 'iomete' }],
    });
    expect(next.next_cursor).toBeUndefined();
    expect((await foundry.call('GET', `${FEEDBACK}?rating=down`)).body.count).toBe(1);
    expect((await foundry.call('GET', FEEDBACK, { tenant: 'rival' })).body).toMatchObject({ count: 0 });
  });

  it('and verified answers want a token that may write', async () => {
    for (const [method, path, body] of [
      ['POST', `/v1/foundry/answers/${UNKNOWN_ID}/feedback`, { rating: 'up' }],
      ['POST', VERIFIED, pair],
      ['DELETE', `${VERIFIED}/${UNKNOWN_ID}`, undefined],
    ] as const) {
      expect((await foundry.call(method, path, { body, token: null })).status).toBe(401);
      expect((await foundry.call(method, path, { body, scope: 'read' })).status).toBe(403);
    }
    expect((await foundry.call('GET', FEEDBACK, { scope: 'read' })).status).toBe(200);
    expect((await foundry.call('GET', VERIFIED, { scope: 'read' })).status).toBe(200);
  });
});
