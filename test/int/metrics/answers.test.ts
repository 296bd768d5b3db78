import { afterEach, expect, test } from 'vitest';
import { ask } from '../../../src/services/llm/ask.ts';
import { openMeter } from '../../harness/meter.ts';
import { type FoundryFixture, type FoundryOptions, foundryFixture, modelThat } from '../foundry/fixture.ts';
import { askingBench, question } from '../llm/asking.ts';

const never = new AbortController().signal;
const open: FoundryFixture[] = [];
afterEach(async () => {
  for (const foundry of open.splice(0)) await foundry.close();
});

test('a question to the model counts with its tokens and dollars; one asked before costs nothing; one that fails what it cost', async () => {
  const usage = { prompt: 1_000_000, completion: 500_000 };
  const bench = await askingBench([
    { json: { a: 1 }, usage },
    { json: { a: 'wrong' }, usage },
  ]);
  const meter = openMeter();
  bench.deps.metrics = meter.metrics;
  await ask(bench.ctx(), question(), never);
  await ask(bench.ctx(), question(), never);
  await expect(ask(bench.ctx(), question({ purpose: 'mapping', user: 'other' }), never)).rejects.toThrow();
  expect(await meter.raised()).toEqual({
    'ivory_llm_calls_total{purpose="plan",outcome="answered"}': 1,
    'ivory_llm_calls_total{purpose="plan",outcome="cached"}': 1,
    'ivory_llm_calls_total{purpose="mapping",outcome="failed"}': 1,
    'ivory_llm_tokens_total{purpose="plan",direction="input"}': 1_000_000,
    'ivory_llm_tokens_total{purpose="plan",direction="output"}': 500_000,
    'ivory_llm_tokens_total{purpose="mapping",direction="input"}': 1_000_000,
    'ivory_llm_tokens_total{purpose="mapping",direction="output"}': 500_000,
    'ivory_llm_cost_usd_total{purpose="plan"}': expect.closeTo(0.45, 6),
    'ivory_llm_cost_usd_total{purpose="mapping"}': expect.closeTo(0.45, 6),
  });
});

async function asked(options: FoundryOptions) {
  const meter = openMeter();
  const foundry = await foundryFixture({ ...options, overrides: { metrics: meter.metrics } });
  open.push(foundry);
  await foundry.ask('What is the growth of Mac?');
  const raised = Object.entries(await meter.raised());
  return raised.filter(([series]) => series.startsWith('ivory_foundry')).map(([series]) => series);
}

test('an answered question counts under its store, a refused one with the code of its refusal', async () => {
  expect(await asked({})).toEqual(['ivory_foundry_answers_total{target="iomete",code="none"}']);
  expect(await asked({ model: modelThat('drop table x') })).toEqual([
    expect.stringMatching(/^ivory_foundry_answers_total\{target="iomete",code="guard\.\w+"\}$/),
  ]);
});
