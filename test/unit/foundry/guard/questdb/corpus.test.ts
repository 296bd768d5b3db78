import { describe, expect, test } from 'vitest';
import { guardQuestdb } from '../../../../../src/foundry/guard/questdb/guard.ts';
import { readCorpus } from '../../../../fixtures/foundry/corpus.ts';
import { TABLES, TENANT } from '../../../../fixtures/foundry/questdb/catalog.ts';

const ask = (query: string) => guardQuestdb({ tenantId: TENANT, query, tables: TABLES, maxRows: 1_000 });

describe('the guard of QuestDB', () => {
  test.each(readCorpus('questdb/attacks.jsonl'))('refuses: $name', async ({ query, expect: code }) => {
    expect(await ask(query)).toMatchObject({ allowed: false, code });
  });

  test.each(readCorpus('questdb/queries.jsonl'))('lets through: $name', async ({ query }) => {
    const verdict = await ask(query);
    expect(verdict).toMatchObject({ allowed: true });
    if (verdict.allowed)
      expect(await ask(verdict.query), 'what it prints is printed the same again').toMatchObject({
        query: verdict.query,
      });
  });
});
