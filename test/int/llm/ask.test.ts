import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { withBreaker } from '../../../src/adapters/llm/breaker.ts';
import { contextFor } from '../../../src/context.ts';
import { llmAnswers } from '../../../src/db/schema/index.ts';
import { ask } from '../../../src/services/llm/ask.ts';
import type { StubAnswer } from '../../harness/openai-stub.ts';
import { askingBench, question } from './asking.ts';

const never = new AbortController().signal;

describe('asking a model', () => {
  it('gives the parsed answer and records what it cost', async () => {
    const usage = { prompt: 1_000_000, cached: 400_000, completion: 100_000 };
    const bench = await askingBench([{ status: 503 }, { json: { a: 1 }, usage }]);
    expect(await ask(bench.ctx(), question(), never)).toEqual({
      value: { a: 1 },
      model: 'gpt-4o-mini',
      isCached: false,
    });
    const [call] = await bench.calls();
    expect(call).toMatchObject({
      tenantId: 'acme',
      purpose: 'plan',
      subject: 'answer-1',
      model: 'gpt-4o-mini',
      outcome: 'answered',
      attempts: 2,
      promptTokens: 1_000_000,
      completionTokens: 100_000,
    });
    expect(call?.costUsd).toBeCloseTo(0.6 * 0.15 + 0.4 * 0.075 + 0.1 * 0.6, 10);
  });

  it('does not ask the same question of a tenant twice', async () => {
    const bench = await askingBench([{ json: { a: 1 } }, { json: { a: 2 } }]);
    await ask(bench.ctx(), question(), never);
    expect(await ask(bench.ctx(), question({ subject: 'answer-2' }), never)).toMatchObject({
      value: { a: 1 },
      isCached: true,
    });
    expect(bench.stub.requests).toHaveLength(1);
    expect((await bench.calls())[1]).toMatchObject({
      outcome: 'cached',
      subject: 'answer-2',
      attempts: 0,
      promptTokens: 0,
      completionTokens: 0,
      costUsd: 0,
    });
  });

  it("never answers one tenant from another's answers", async () => {
    const bench = await askingBench([{ json: { a: 1 } }, { json: { a: 2 } }]);
    await ask(bench.ctx('acme'), question(), never);
    expect(await ask(bench.ctx('globex'), question(), never)).toMatchObject({
      value: { a: 2 },
      isCached: false,
    });
  });

  it.each([
    ['prompt', { system: 'Answer well.' }],
    ['question', { user: '{"q": 2}' }],
    ['schema', { schema: { name: 'a', schema: { type: 'object', required: [] } } }],
  ])('asks again when the %s is another', async (_, change) => {
    const bench = await askingBench([{ json: { a: 1 } }, { json: { a: 2 } }]);
    await ask(bench.ctx(), question(), never);
    expect(await ask(bench.ctx(), question(change), never)).toMatchObject({ value: { a: 2 } });
  });

  it('asks again when the model is another', async () => {
    const bench = await askingBench([{ json: { a: 1 } }, { json: { a: 2 } }]);
    await ask(bench.ctx(), question(), never);
    const { llm } = bench.deps;
    const other = contextFor(
      { ...bench.deps, llm: llm && { ...llm, model: 'gpt-5' } },
      { tenantId: 'acme', actor: 'x' },
    );
    expect(await ask(other, question(), never)).toMatchObject({ value: { a: 2 } });
  });

  it('asks again when the answer has grown old', async () => {
    const bench = await askingBench([{ json: { a: 1 } }, { json: { a: 2 } }, { json: { a: 3 } }]);
    await ask(bench.ctx(), question(), never);
    const { db } = bench.deps.database;
    await db.update(llmAnswers).set({ createdAt: sql`now() - interval '31 days'` });
    expect(await ask(bench.ctx(), question(), never)).toMatchObject({ value: { a: 2 }, isCached: false });
    expect(await ask(bench.ctx(), question(), never)).toMatchObject({ value: { a: 2 }, isCached: true });
  });

  it.each([
    ['another shape', { json: { a: 'one' } }, 'llm.refused', 'refused', 1],
    ['a refusal', { refusal: 'no' }, 'llm.refused', 'refused', 1],
    ['a refused key', { status: 401 }, 'llm.key_refused', 'refused', 1],
    ['failing', { status: 500 }, 'llm.unavailable', 'unavailable', 2],
    ['a cut', { cut: true, after: 1 }, 'llm.unavailable', 'unavailable', 2],
  ] satisfies [string, StubAnswer, string, string, number][])(
    'keeps no answer of %s, and records the call',
    async (_, answer, code, outcome, attempts) => {
      const bench = await askingBench([answer]);
      await expect(ask(bench.ctx(), question(), never)).rejects.toMatchObject({ code });
      expect(await bench.calls()).toMatchObject([{ outcome, attempts }]);
      expect(await bench.deps.database.db.select().from(llmAnswers)).toEqual([]);
    },
  );

  it('counts what an answer of no use cost, and what was sent where the server says nothing', async () => {
    const bench = await askingBench([{ json: { a: 'one' } }, { cut: true, after: 1 }], {
      llm: { attempts: 1 },
    });
    await expect(ask(bench.ctx(), question(), never)).rejects.toThrow();
    await expect(ask(bench.ctx(), question(), never)).rejects.toThrow();
    const [wrong, cut] = await bench.calls();
    expect(wrong).toMatchObject({ promptTokens: 120, completionTokens: 34 });
    expect(cut?.promptTokens).toBeGreaterThan(3);
    expect(cut?.costUsd).toBeGreaterThan(0);
  });

  it('records nothing for a question that never went out, and the price of none it does not know', async () => {
    const bench = await askingBench([{ status: 401 }, { json: { a: 1 } }], { limits: { price: null } });
    const { llm, log } = bench.deps;
    const ctx = { ...bench.ctx(), llm: llm && withBreaker(llm, { log, refusedMs: 60_000 }) };
    await expect(ask(ctx, question(), never)).rejects.toMatchObject({ code: 'llm.key_refused' });
    await expect(ask(ctx, question(), never)).rejects.toMatchObject({ code: 'llm.key_refused' });
    await ask(bench.ctx(), question(), never);
    expect(await bench.calls()).toMatchObject([
      { outcome: 'refused' },
      { outcome: 'answered', costUsd: null },
    ]);
  });

  it('says so when no model is configured', async () => {
    const bench = await askingBench([]);
    await expect(ask({ ...bench.ctx(), llm: null }, question(), never)).rejects.toMatchObject({
      code: 'llm.not_configured',
    });
  });
});
