import { describe, expect, test } from 'vitest';
import { guardPostgres } from '../../../../../src/foundry/guard/postgres/guard.ts';
import { readCorpus } from '../../../../fixtures/foundry/corpus.ts';
import { TABLES, TENANT } from '../../../../fixtures/foundry/postgres/catalog.ts';

const ask = (query: string) => guardPostgres({ tenantId: TENANT, query, tables: TABLES, maxRows: 1_000 });

describe('the guard of Postgres', () => {
  test.each(readCorpus('postgres/attacks.jsonl'))('refuses: $name', async ({ query, expect: code }) => {
    expect(await ask(query)).toMatchObject({ allowed: false, code });
  });

  test.each(readCorpus('postgres/queries.jsonl'))('lets through: $name', async ({ query }) => {
    const verdict = await ask(query);
    expect(verdict).toMatchObject({ allowed: true });
    if (verdict.allowed)
      expect(await ask(verdict.query), 'what it prints is allowed too').toMatchObject({ allowed: true });
  });
});
