import { once } from 'node:events';
import { serve } from '@hono/node-server';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signToken } from '../../../src/api/token.ts';
import { foundryAnswers } from '../../../src/db/schema/index.ts';
import { type AskedOfStore, storeAnswer } from '../../harness/scripted-store.ts';
import { until } from '../../harness/until.ts';
import { SECRET } from '../api/fixture.ts';
import { type FoundryFixture, foundryFixture, modelThat, QUERY } from './fixture.ts';

let foundry: FoundryFixture;
beforeAll(async () => {
  foundry = await foundryFixture({
    limits: { maxRows: 5, maxBytes: 1_000, timeoutMs: 7_000, tenantMaxQuestions: 1 },
  });
});
afterAll(() => foundry.close());

const ALL = 'select ticker as n from ivory_tenant_acme.revenue_breakdowns';

/** A store that says nothing until the test lets it, or its signal is aborted. */
function hangingStore() {
  const { promise: begun, resolve: begin } = Promise.withResolvers<AskedOfStore>();
  const { promise: freed, resolve: free } = Promise.withResolvers<void>();
  const answer = async (asked: AskedOfStore) => {
    begin(asked);
    const aborted = asked.signal.aborted ? null : once(asked.signal, 'abort');
    await Promise.race([freed, aborted]);
    asked.signal.throwIfAborted();
    return storeAnswer(['n'], [[1n]]);
  };
  return { begun, free, answer };
}

describe('an answer', () => {
  it('is asked for with the limits of rows, bytes and time, and the query says the rows', async () => {
    await foundry.follow({
      model: modelThat(ALL),
      answer: () => storeAnswer(['n'], Array(5).fill([1n])),
    });
    const body = await foundry.ask('All?');
    expect(foundry.store.asked[0]?.limits).toEqual({ maxRows: 5, maxBytes: 1_000, timeoutMs: 7_000 });
    expect(foundry.store.asked[0]?.query).toMatch(/limit 5/i);
    expect(body).toMatchObject({ row_count: 5, truncated: true });
    const cut = { ...storeAnswer(['n'], [[1n]]), truncated: true };
    await foundry.follow({ model: modelThat(ALL), answer: () => cut });
    expect(await foundry.ask('All?')).toMatchObject({ row_count: 1, truncated: true });
  });

  it('is whole when the question’s own limit ended it', async () => {
    await foundry.follow({
      model: modelThat(`${ALL} limit 3`),
      answer: () => storeAnswer(['n'], Array(3).fill([1n])),
    });
    expect(await foundry.ask('Three?')).toMatchObject({ row_count: 3, truncated: false });
  });
});

describe('a tenant with as many questions as may be', () => {
  it('is told to come again, alone, until one is answered', async () => {
    const { begun, free, answer } = hangingStore();
    await foundry.follow({ model: modelThat(ALL), answer });
    const first = foundry.ask('First?');
    await begun;
    const second = await foundry.call('POST', QUERY, { body: { question: 'Second?' } });
    expect(second).toMatchObject({ status: 429, body: { code: 'foundry.too_many_questions' } });
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0);
    // the rival's plan names a table of acme: refused, but asked
    expect(await foundry.ask('Mine?', {}, 'rival')).toMatchObject({ result: null });
    free();
    expect(await first).toMatchObject({ error: null });
    expect(await foundry.ask('Second?')).toMatchObject({ error: null });
  });
});

describe('a client that goes away', () => {
  it('cancels its query, frees its place, and leaves a cancelled question', async () => {
    const { begun, answer } = hangingStore();
    await foundry.follow({ model: modelThat(ALL), answer });
    const server = serve({ fetch: foundry.app.fetch, hostname: '127.0.0.1', port: 0 });
    if (!server.listening) await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const gone = new AbortController();
    const token = await signToken(SECRET, { tenantId: 'acme', ttlS: 60 });
    const request = fetch(`http://127.0.0.1:${port}${QUERY}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ question: 'Gone?' }),
      signal: gone.signal,
    });
    const { signal } = await begun;
    expect(signal.aborted).toBe(false);
    const aborted = once(signal, 'abort');
    gone.abort();
    await expect(request).rejects.toThrow();
    await aborted;
    const { db } = foundry.deps.database;
    const row = await until('the question is cancelled', async () => {
      const [found] = await db.select().from(foundryAnswers).where(eq(foundryAnswers.question, 'Gone?'));
      return found?.outcome === 'asking' ? null : (found ?? null);
    });
    expect(row).toMatchObject({ outcome: 'cancelled', errorCode: 'foundry.cancelled' });
    await new Promise((closed) => server.close(closed));
    await foundry.follow({ model: modelThat(ALL) });
    expect(await foundry.ask('Another?')).toMatchObject({ error: null });
  });
});
