import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Catalog } from '../../../src/domain/foundry/catalog.ts';
import { planQuestion } from '../../../src/foundry/planner/plan.ts';
import { runSql, urlOfDatabase } from '../../harness/admin.ts';
import { type EvalPlanner, type Judged, judge } from '../../harness/foundry-eval/judge.ts';
import { type EvalStore, loadEvalTables } from '../../harness/foundry-eval/postgres-store.ts';
import { type EvalQuestion, readEvalQuestions } from '../../harness/foundry-eval/questions.ts';
import { catalogTable, evalTables } from '../../harness/foundry-eval/tables.ts';

const DATABASE = `eval_${process.pid}`;
const NOW = new Date('2026-11-21T12:00:00Z');
const plan: EvalPlanner = (asked) => planQuestion({ ...asked, sources: [], now: NOW });

describe('the built-in planner on real tables', () => {
  const tables = evalTables();
  const catalog: Catalog = {
    sources: [{ target: 'iomete', dialect: 'postgres', available: true, tables: tables.map(catalogTable) }],
  };
  let store: EvalStore;

  beforeAll(async () => {
    await runSql(inject('adminUrl'), `create database ${DATABASE}`);
    store = await loadEvalTables(urlOfDatabase(inject('adminUrl'), DATABASE), tables);
  }, 120_000);

  afterAll(async () => {
    await store.close();
    await runSql(inject('adminUrl'), `drop database if exists ${DATABASE} with (force)`);
  });

  const FLOORS: readonly (readonly [EvalQuestion['split'], number, number])[] = [
    ['dev', 0.95, 0.97],
    ['held-out', 0.85, 0.95],
    ['other-tables', 0.9, 0.95],
  ];
  test.each(FLOORS)(
    '%s: at least %d of the questions and %d of its answers are right',
    async (split, all, answered) => {
      const judged: Judged[] = [];
      for (const asked of readEvalQuestions(split)) judged.push(await judge(asked, plan, catalog, store));
      const many = (...verdicts: string[]) =>
        judged.filter(({ verdict }) => verdicts.includes(verdict)).length;
      expect(many('right', 'declined') / judged.length).toBeGreaterThanOrEqual(all);
      expect(many('right') / many('right', 'wrong')).toBeGreaterThanOrEqual(answered);
    },
    120_000,
  );

  test('a question without an answer is never answered', async () => {
    const splits = ['dev', 'held-out', 'other-tables'] as const;
    const without = splits.flatMap(readEvalQuestions).filter(({ gold }) => gold.length === 0);
    const answered: string[] = [];
    for (const asked of without) {
      const { planned } = await judge(asked, plan, catalog, store);
      if (planned.kind === 'plan') answered.push(asked.question);
    }
    expect(without.length).toBeGreaterThan(15);
    expect(answered).toEqual([]);
  }, 120_000);
});
