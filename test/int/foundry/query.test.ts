import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FoundryFixture, foundryFixture, QUERY, SEGMENTS } from './fixture.ts';

let foundry: FoundryFixture;
beforeAll(async () => {
  foundry = await foundryFixture();
});
afterAll(() => foundry.close());

describe('POST /v1/foundry/query', () => {
  it('answers the example of the document', async () => {
    const { status, body } = await foundry.call('POST', QUERY, { body: { question: SEGMENTS.question } });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      question: SEGMENTS.question,
      plan: { target: 'iomete', explanation: SEGMENTS.explanation, planner: 'model' },
      columns: SEGMENTS.columns,
      result: [
        ['Services', 85200, 14.2],
        ['Mac', 29800, 7.1],
        ['Wearables', 39800, 3.8],
      ],
      row_count: 3,
      truncated: false,
      narrative: SEGMENTS.narrative,
      error: null,
      error_code: null,
      verified: false,
      unavailable: [],
      notes: [],
    });
    expect(body.duration_ms).toBeTypeOf('number');
    expect(body.plan.sql).toMatch(/ivory_tenant_acme.*revenue_breakdowns.*limit 3/is);
    expect(foundry.store.asked.at(-1)?.query).toBe(body.plan.sql);
  });

  it.each([
    ['no question', {}],
    ['an empty question', { question: '' }],
    ['a blank question', { question: ' \n ' }],
    ['a question of 4,001 characters', { question: 'x'.repeat(4_001) }],
    ['a question that is no text', { question: 7 }],
    ['a question with a NUL', { question: 'a\0b' }],
    ['half a character', { question: 'a\ud800b' }],
    ['another field', { question: 'q', limit: 5 }],
    ['an unknown source', { question: 'q', sources: ['snowflake'] }],
    ['sources that are no list', { question: 'q', sources: 'iomete' }],
    ['a turn of another role', { question: 'q', context: [{ role: 'system', content: 'x' }] }],
    [
      'a turn of another role among those that are not used',
      {
        question: 'q',
        context: [{ role: 'tool', content: 'x' }, ...Array(6).fill({ role: 'user', content: 'x' })],
      },
    ],
    ['a turn without content', { question: 'q', context: [{ role: 'user' }] }],
    ['a turn with more', { question: 'q', context: [{ role: 'user', content: 'x', name: 'y' }] }],
  ])('refuses %s with 422', async (_, body) => {
    const before = foundry.store.asked.length;
    const answer = await foundry.call('POST', QUERY, { body });
    expect(answer).toMatchObject({ status: 422, body: { code: 'request.invalid' } });
    expect(foundry.store.asked.length).toBe(before);
  });

  it('takes a question of 4,000 characters on several lines', async () => {
    const question = `${'x'.repeat(1_999)}\n${'y'.repeat(2_000)}`;
    expect(await foundry.ask(question)).toMatchObject({ question, error: null });
  });

  it('is 400 for no JSON, 401 without a token, 403 with one that may only read', async () => {
    expect((await foundry.call('POST', QUERY, { body: '{' })).status).toBe(400);
    expect((await foundry.call('POST', QUERY, { body: { question: 'q' }, token: null })).status).toBe(401);
    const reading = await foundry.call('POST', QUERY, { body: { question: 'q' }, scope: 'read' });
    expect(reading).toMatchObject({ status: 403, body: { code: 'auth.scope' } });
  });

  it('answers a request with an Idempotency-Key once', async () => {
    const headers = { 'idempotency-key': 'k1' };
    const body = { question: 'once?' };
    const first = await foundry.call('POST', QUERY, { body, headers });
    const asked = foundry.store.asked.length;
    const second = await foundry.call('POST', QUERY, { body, headers });
    expect(second.text).toBe(first.text);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(foundry.store.asked.length).toBe(asked);
    const other = await foundry.call('POST', QUERY, { body: { question: 'twice?' }, headers });
    expect(other.status).toBe(422);
  });

  it('says that there is nothing to ask about where there is nothing', async () => {
    const body = await foundry.ask('How many?', {}, 'newcomer');
    expect(body).toMatchObject({
      plan: null,
      columns: [],
      result: null,
      row_count: 0,
      narrative: null,
      error_code: 'foundry.no_tables',
    });
    expect(body.error).toMatch(/connector/);
  });
});
