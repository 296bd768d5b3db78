import { describe, expect, test } from 'vitest';
import { guardSpark } from '../../../../../src/foundry/guard/spark/guard.ts';
import { readCorpus } from '../../../../fixtures/foundry/corpus.ts';
import { TABLES, TENANT } from '../../../../fixtures/foundry/spark/catalog.ts';

const ask = (query: string) => guardSpark({ tenantId: TENANT, query, tables: TABLES, maxRows: 1_000 });

describe('the guard of Spark', () => {
  test.each(readCorpus('spark/attacks.jsonl'))('refuses: $name', async ({ query, expect: code }) => {
    expect(await ask(query)).toMatchObject({ allowed: false, code });
  });

  test.each(readCorpus('spark/queries.jsonl'))('lets through: $name', async ({ query }) => {
    const verdict = await ask(query);
    expect(verdict).toMatchObject({ allowed: true });
    if (verdict.allowed)
      expect(await ask(verdict.query), 'what it prints is printed the same again').toMatchObject({
        query: verdict.query,
      });
  });
});
