import { describe, expect, test } from 'vitest';
import { guardCypher } from '../../../../../src/foundry/guard/cypher/guard.ts';
import { readCorpus } from '../../../../fixtures/foundry/corpus.ts';
import { TABLES, TENANT } from '../../../../fixtures/foundry/cypher/catalog.ts';

const ask = (query: string) => guardCypher({ tenantId: TENANT, query, tables: TABLES, maxRows: 1_000 });

describe('the guard of Cypher', () => {
  test.each(readCorpus('cypher/attacks.jsonl'))('refuses: $name', async ({ query, expect: code }) => {
    expect(await ask(query)).toMatchObject({ allowed: false, code });
  });

  test.each(readCorpus('cypher/queries.jsonl'))('lets through: $name', async ({ query }) => {
    const verdict = await ask(query);
    expect(verdict).toMatchObject({ allowed: true });
    if (verdict.allowed)
      expect(await ask(verdict.query), 'what it prints is read as the same').toMatchObject({
        allowed: true,
        query: verdict.query.startsWith('CALL {') ? expect.any(String) : verdict.query,
      });
  });
});
