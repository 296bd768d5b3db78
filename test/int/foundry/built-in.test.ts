import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLakehouseStore } from '../../../src/adapters/foundry/lakehouse-store.ts';
import { contextFor } from '../../../src/context.ts';
import { askQuestion } from '../../../src/services/foundry/ask-question.ts';
import { FOUNDRY_PARTS } from '../../../src/services/foundry/parts.ts';
import { until } from '../../harness/until.ts';
import { type ApiFixture, createApiFixture } from '../api/fixture.ts';
import { QUERY } from './fixture.ts';

const COLUMNS = {
  airline: 'text',
  delay: 'integer',
  distance: 'bigint',
  cost: 'numeric',
  flown_at: 'timestamptz',
};
const FLIGHTS = {
  acme: [
    ['Delta', 10, '9007199254740993', '12.50', '2024-01-05T10:00:00Z'],
    ['Delta', 30, '1200', '7.25', '2024-02-05T10:00:00Z'],
    ['United', 5, '800', '0.12345678901234567890', '2024-02-06T10:00:00Z'],
  ],
  rival: [['Ghost', 999, '1', '1', '2024-01-01T00:00:00Z']],
};

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture({}, ({ lakehouse }) => ({ stores: [createLakehouseStore(lakehouse)] }));
  const { lakehouse, database } = api.deps;
  const columns = Object.entries(COLUMNS).map(([name, type]) => `${name} ${type}`);
  for (const [tenant, rows] of Object.entries(FLIGHTS)) {
    await lakehouse.provision(tenant, `ivory_tenant_${tenant}`);
    const table = `ivory_tenant_${tenant}.flights`;
    await database.pool.query(`create table ${table} (${columns.join(', ')})`);
    for (const row of rows)
      await database.pool.query(`insert into ${table} values ($1, $2, $3, $4, $5)`, row);
  }
});
afterAll(() => api.close());

async function ask(question: string, more: Record<string, unknown> = {}, tenant = 'acme') {
  const { status, body } = await api.call('POST', QUERY, { tenant, body: { question, ...more } });
  expect(status).toBe(200);
  return body;
}

describe('without a model, on a real lakehouse', () => {
  it('a count is answered, told in a sentence, and says who planned it', async () => {
    expect(await ask('How many flights are there?')).toMatchObject({
      plan: { target: 'iomete', planner: 'built-in', explanation: expect.any(String) },
      result: [[3]],
      row_count: 1,
      error: null,
      narrative: expect.stringMatching(/3\.$/),
    });
  });

  it('groups are told by what is highest', async () => {
    const body = await ask('average delay by airline');
    expect(body).toMatchObject({ row_count: 2, error: null });
    expect(body.narrative).toMatch(/Delta.*20/);
    expect(body.result.map(([airline, delay]: [string, number]) => [airline, delay]).sort()).toEqual([
      ['Delta', 20],
      ['United', 5],
    ]);
  });

  it('a follow-up changes the question before it', async () => {
    const context = [
      { role: 'user', content: 'How many flights are there?' },
      { role: 'assistant', content: 'Count is 3.' },
    ];
    expect(await ask('and by airline?', { context })).toMatchObject({ row_count: 2, error: null });
  });

  it('values lose nothing', async () => {
    const { columns, result } = await ask('show airline, distance and cost of flights');
    const rows = result.map((row: unknown[]) =>
      Object.fromEntries(row.map((value, at) => [columns[at], value])),
    );
    expect(rows).toContainEqual(
      expect.objectContaining({ airline: 'Delta', distance: '9007199254740993', cost: 12.5 }),
    );
    expect(rows).toContainEqual(
      expect.objectContaining({ airline: 'United', distance: 800, cost: '0.12345678901234567890' }),
    );
  });

  it('what it cannot read is an honest error and no result', async () => {
    expect(await ask('Why did the moon landing happen?')).toMatchObject({
      plan: null,
      result: null,
      narrative: null,
      error: expect.stringMatching(/^[A-Z].*[.!?]$/),
      error_code: 'foundry.unanswerable',
    });
  });

  it('each tenant is answered from its own table of the same name', async () => {
    const bodies = await Promise.all(
      Array.from({ length: 6 }, (_, n) =>
        ask('How many flights are there?', {}, n % 2 === 0 ? 'acme' : 'rival'),
      ),
    );
    for (const [n, { plan, result }] of bodies.entries()) {
      expect(result).toEqual([[n % 2 === 0 ? 3 : 1]]);
      expect(plan.sql).toContain(n % 2 === 0 ? 'ivory_tenant_acme' : 'ivory_tenant_rival');
    }
  });
});

describe('a query that runs long', () => {
  const LONG = 'select count(*) from generate_series(1, 2000000000) a';
  /** The guard refuses such a query: what is shown here holds without it. */
  const unguarded = {
    ...FOUNDRY_PARTS,
    guardFor: () => async () => ({ allowed: true as const, query: LONG, limited: false }),
  };
  const running = async () => {
    const { rows } = await api.deps.database.pool.query(
      "select from pg_stat_activity where state = 'active' and query like 'fetch forward%' and datname = current_database()",
    );
    return rows.length;
  };
  const input = { question: 'How many flights are there?', context: [], sources: [] };

  it('is gone from the server when its client is', { timeout: 60_000 }, async () => {
    const gone = new AbortController();
    const ctx = contextFor(api.deps, { tenantId: 'acme', actor: 'user:acme' });
    const asking = askQuestion(ctx, input, gone.signal, unguarded);
    const ended = once(gone.signal, 'abort');
    await until('the query runs', async () => (await running()) > 0);
    gone.abort();
    await ended;
    await expect(asking).rejects.toMatchObject({ code: 'foundry.cancelled' });
    await until('the query is gone', async () => (await running()) === 0);
  });

  it('is gone from the server when its time is over, and the answer says so', {
    timeout: 60_000,
  }, async () => {
    const { settings } = api.deps;
    const deps = { ...api.deps, settings: { ...settings, foundry: { ...settings.foundry, timeoutMs: 500 } } };
    const ctx = contextFor(deps, { tenantId: 'acme', actor: 'user:acme' });
    const answer = await askQuestion(ctx, input, new AbortController().signal, unguarded);
    expect(answer).toMatchObject({ result: null, error: { code: 'foundry.timeout' } });
    await until('the query is gone', async () => (await running()) === 0);
  });
});
