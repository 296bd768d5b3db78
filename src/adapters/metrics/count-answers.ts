import { Counter, Histogram, type Registry } from 'prom-client';
import type { Metrics } from '../../ports/metrics.ts';
import { createClosedSet } from './closed-set.ts';

const ANSWER_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 110];
const PURPOSES = ['mapping', 'plan', 'narrative'];
const TARGETS = ['none', 'iomete', 'postgres', 'questdb', 'falkordb'];

/** What was asked of a model, and of Foundry. */
export function countAnswers(register: Registry): Pick<Metrics, 'llmAsked' | 'foundryAnswered'> {
  return { ...countModel(register), ...countFoundry(register) };
}

function countModel(register: Registry): Pick<Metrics, 'llmAsked'> {
  const purposeOf = createClosedSet(PURPOSES);
  const registers = [register];
  const calls = new Counter({
    name: 'ivory_llm_calls_total',
    help: 'Questions to the model, those answered from what it said before included',
    labelNames: ['purpose', 'outcome'],
    registers,
  });
  const tokens = new Counter({
    name: 'ivory_llm_tokens_total',
    help: 'Tokens the model read (input) and wrote (output)',
    labelNames: ['purpose', 'direction'],
    registers,
  });
  const cost = new Counter({
    name: 'ivory_llm_cost_usd_total',
    help: 'US dollars of those tokens by the price that is configured or listed',
    labelNames: ['purpose'],
    registers,
  });
  for (const purpose of PURPOSES) {
    cost.inc({ purpose }, 0);
    for (const direction of ['input', 'output']) tokens.inc({ purpose, direction }, 0);
    for (const outcome of ['answered', 'cached', 'failed']) calls.inc({ purpose, outcome }, 0);
  }
  return {
    llmAsked({ purpose: asked, outcome, inputTokens, outputTokens, usd }) {
      const purpose = purposeOf(asked);
      calls.inc({ purpose, outcome });
      tokens.inc({ purpose, direction: 'input' }, inputTokens);
      tokens.inc({ purpose, direction: 'output' }, outputTokens);
      cost.inc({ purpose }, usd ?? 0);
    },
  };
}

function countFoundry(register: Registry): Pick<Metrics, 'foundryAnswered'> {
  const targetOf = createClosedSet(TARGETS);
  const codeOf = createClosedSet(['none']);
  const answers = new Counter({
    name: 'ivory_foundry_answers_total',
    help: 'Questions in plain words by the store they were put to and the code of what went wrong (none: answered)',
    labelNames: ['target', 'code'],
    registers: [register],
  });
  const duration = new Histogram({
    name: 'ivory_foundry_answer_duration_seconds',
    help: 'Time from a question to its answer, whatever it was',
    labelNames: ['target'],
    buckets: ANSWER_BUCKETS,
    registers: [register],
  });
  for (const target of TARGETS) {
    answers.inc({ target, code: 'none' }, 0);
    duration.zero({ target });
  }
  return {
    foundryAnswered({ target: asked, code, seconds }) {
      const target = targetOf(asked);
      answers.inc({ target, code: codeOf(code ?? 'none') });
      duration.observe({ target }, seconds);
    },
  };
}
