import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOpenAiLlm } from '../src/adapters/llm/openai.ts';
import type { Catalog } from '../src/domain/foundry/catalog.ts';
import { startPostgres } from '../src/embedded/postgres.ts';
import { createModelPlanner } from '../src/foundry/model-planner/model-planner.ts';
import { planQuestion } from '../src/foundry/planner/plan.ts';
import { type EvalPlanner, type Judged, judge } from '../test/harness/foundry-eval/judge.ts';
import { loadEvalTables } from '../test/harness/foundry-eval/postgres-store.ts';
import { readEvalQuestions } from '../test/harness/foundry-eval/questions.ts';
import { catalogTable, evalTables } from '../test/harness/foundry-eval/tables.ts';

/**
 * `npm run eval:foundry [-- --model --wrong --split=dev|held-out|other-tables]`: how well questions in plain words are answered over real tables on an embedded Postgres.
 * An answer is right when its rows are those of one of the question's right queries. `--wrong` prints every question not answered rightly, `--model` asks the model of OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL instead of the built-in planner.
 */
const NOW = new Date('2026-11-21T12:00:00Z');
const dataDir = mkdtempSync(join(tmpdir(), 'eval-foundry-'));
const server = await startPostgres({ dataDir, sync: false });
try {
  const tables = evalTables();
  const catalog: Catalog = {
    sources: [{ target: 'iomete', dialect: 'postgres', available: true, tables: tables.map(catalogTable) }],
  };
  const store = await loadEvalTables(server.url, tables);
  const byModel = process.argv.includes('--model') ? modelPlanner() : null;
  const builtIn: EvalPlanner = (asked) => planQuestion({ ...asked, sources: [], now: NOW });
  const only = process.argv.find((word) => word.startsWith('--split='))?.slice('--split='.length);
  for (const split of ['dev', 'held-out', 'other-tables'] as const) {
    if (only !== undefined && only !== split) continue;
    const judged: Judged[] = [];
    for (const asked of readEvalQuestions(split))
      judged.push(await judge(asked, byModel ?? builtIn, catalog, store));
    report(split, judged);
  }
  await store.close();
} finally {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** The configured model, as the API asks it first: no repairs. */
function modelPlanner(): EvalPlanner {
  const apiKey = process.env['OPENAI_API_KEY'];
  if (!apiKey) throw new Error('--model needs OPENAI_API_KEY (and OPENAI_BASE_URL, OPENAI_MODEL).');
  const baseUrl = process.env['OPENAI_BASE_URL'];
  const llm = createOpenAiLlm({
    apiKey,
    ...(baseUrl ? { baseUrl } : {}),
    model: process.env['OPENAI_MODEL'] ?? 'gpt-4o-mini',
  });
  const ask = createModelPlanner(llm);
  return async (asked) => {
    const planned = await ask({ ...asked, sources: [], failed: [], now: NOW }, AbortSignal.timeout(60_000));
    return planned ?? { kind: 'unanswerable', reason: 'the model gave no answer that can be read' };
  };
}

function report(split: string, judged: readonly Judged[]) {
  const tally = (list: readonly Judged[]) => {
    const many = (verdict: Judged['verdict']) => list.filter((one) => one.verdict === verdict).length;
    const answered = many('right') + many('wrong');
    return {
      questions: list.length,
      right: many('right') + many('declined'),
      answered,
      'right of answered': answered === 0 ? '-' : percent(many('right') / answered),
      refused: many('refused'),
      wrong: many('wrong'),
      accuracy: percent((many('right') + many('declined')) / list.length),
    };
  };
  const categories = [...new Set(judged.map(({ asked }) => asked.category))];
  console.log(
    `\n${split}: ${process.argv.includes('--model') ? 'the model' : 'the built-in planner'} on iomete (Postgres)`,
  );
  console.table(
    Object.fromEntries([
      ...categories.map((name) => [name, tally(judged.filter(({ asked }) => asked.category === name))]),
      ['all', tally(judged)],
    ]),
  );
  if (!process.argv.includes('--wrong')) return;
  for (const { asked, verdict, note } of judged) {
    if (verdict === 'wrong' || verdict === 'refused')
      console.log(`${verdict}: ${[...asked.context, asked.question].join(' | ')}\n    ${note}`);
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
