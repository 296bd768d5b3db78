import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/db/client.ts';
import { llmCalls } from '../../../src/db/schema/index.ts';
import { ask } from '../../../src/services/llm/ask.ts';
import { until } from '../../harness/until.ts';
import { askingBench, type Bench, question } from './asking.ts';

const never = new AbortController().signal;

/** Different questions, so that none is answered from the answers kept. */
const nth = (n: number) => question({ user: `{"q": ${n}}` });

async function moveBack(bench: Bench, interval: string) {
  await bench.deps.database.db
    .update(llmCalls)
    .set({ createdAt: sql`${llmCalls.createdAt} - ${interval}::interval` });
}

describe('what one tenant may use of a model', () => {
  it('is so many calls at once, in all processes together; others have their own', async () => {
    const bench = await askingBench([{ hang: true }], { limits: { tenantMaxCalls: 3 } });
    const other = openDatabase(bench.deps.databaseUrl);
    const stop = new AbortController();
    const elsewhere = { ...bench.ctx(), database: other };
    const asked = Array.from({ length: 10 }, (_, n) =>
      ask(n % 2 ? bench.ctx() : elsewhere, nth(n), stop.signal).catch((error) => error.code ?? 'stopped'),
    );
    await until('three are asked and seven are not', async () => {
      const codes = await Promise.all(asked.map((one) => Promise.race([one, Promise.resolve(null)])));
      return codes.filter((code) => code === 'llm.tenant_busy').length === 7 && bench.stub.open() === 3;
    });
    const globex = ask(bench.ctx('globex'), nth(0), stop.signal).catch(() => 'stopped');
    await until("the other tenant's is asked", () => bench.stub.open() === 4);
    stop.abort(new Error('enough'));
    await Promise.all([...asked, globex]);
    await other.close();
    expect((await bench.calls()).map(({ outcome }) => outcome)).toEqual(Array(4).fill('unavailable'));
  });

  it('has room again when calls have ended, and when their worker is long gone', async () => {
    const bench = await askingBench([{ json: { a: 1 } }], { limits: { tenantMaxCalls: 1 } });
    await ask(bench.ctx(), nth(1), never);
    await ask(bench.ctx(), nth(2), never);
    const { db } = bench.deps.database;
    await db.update(llmCalls).set({ outcome: 'asking' });
    await expect(ask(bench.ctx(), nth(3), never)).rejects.toMatchObject({
      code: 'llm.tenant_busy',
      retry: 'transient',
    });
    await moveBack(bench, '10 minutes');
    await ask(bench.ctx(), nth(3), never);
  });

  it.each([
    ['tokens a minute', { tenantMinuteTokens: 200 }, '1 minute'],
    ['tokens a day', { tenantDailyTokens: 200 }, '24 hours'],
    ['dollars a day', { tenantDailyUsd: 0.00009 }, '24 hours'],
  ])('is so many %s, and as much again later', async (words, limits, later) => {
    const bench = await askingBench([{ json: { a: 1 } }], { limits });
    await ask(bench.ctx(), nth(1), never);
    await expect(ask(bench.ctx(), nth(2), never)).rejects.toMatchObject({
      code: 'llm.budget_spent',
      message: expect.stringContaining(words.replace('dollars', 'US dollars')),
    });
    await ask(bench.ctx('globex'), nth(2), never);
    expect(await ask(bench.ctx(), nth(1), never)).toMatchObject({ isCached: true });
    expect(bench.stub.requests).toHaveLength(2);
    await moveBack(bench, later);
    await ask(bench.ctx(), nth(2), never);
  });

  it('is so much a day of UTC, until its last second and again from the first of the next', async () => {
    const bench = await askingBench([{ json: { a: 1 } }], { limits: { tenantDailyTokens: 200 } });
    bench.setNow(new Date('2026-03-28T00:00:00Z'));
    await ask(bench.ctx(), nth(1), never);
    bench.setNow(new Date('2026-03-28T23:59:59.999Z'));
    await expect(ask(bench.ctx(), nth(2), never)).rejects.toMatchObject({ code: 'llm.budget_spent' });
    bench.setNow(new Date('2026-03-29T00:00:00Z'));
    await ask(bench.ctx(), nth(2), never);
  });

  it('is not passed by many who ask at the same moment', async () => {
    const usage = { prompt: 60, completion: 10 };
    const bench = await askingBench([{ json: { a: 1 }, usage }], {
      limits: { tenantDailyTokens: 500, tenantMaxCalls: 100 },
    });
    const asked = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        ask(bench.ctx(), nth(n), never).then(
          () => 'answered',
          (error) => error.code,
        ),
      ),
    );
    expect(new Set(asked)).toEqual(new Set(['answered', 'llm.budget_spent']));
    const used = (await bench.calls()).reduce(
      (sum, call) => sum + call.promptTokens + call.completionTokens,
      0,
    );
    expect(used).toBeLessThanOrEqual(500);
  });

  it('leaves the key in no row and no log line, whatever a server echoes', async () => {
    const key = 'sk-test-0123456789';
    const error = { message: `Incorrect API key provided: ${key}`, type: key, code: null };
    const bench = await askingBench([
      { status: 401, body: { error } },
      { json: { a: 1, b: key }, model: key },
    ]);
    const lines: string[] = [];
    const log = bench.deps.log.child({}, { level: 'trace' });
    const heard = (line: unknown) => lines.push(JSON.stringify(line));
    for (const level of ['info', 'warn', 'error'] as const) log[level] = heard;
    const ctx = { ...bench.ctx(), log };
    await expect(ask(ctx, nth(1), never)).rejects.toThrow();
    await ask(ctx, nth(2), never);
    expect(lines.length).toBeGreaterThan(2);
    const rows = await bench.deps.database.db.execute(
      sql`select to_jsonb(c)::text as row from etl.llm_calls c union all select to_jsonb(a)::text from etl.llm_answers a`,
    );
    expect(rows.rows.length).toBe(3);
    expect(JSON.stringify([rows.rows, lines])).not.toContain(key);
  });
});
