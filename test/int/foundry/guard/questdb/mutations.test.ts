import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guardQuestdb } from '../../../../../src/foundry/guard/questdb/guard.ts';
import { readCorpus } from '../../../../fixtures/foundry/corpus.ts';
import { foreignWords } from '../../../../fixtures/foundry/foreign-words.ts';
import { anyText, mutations } from '../../../../fixtures/foundry/mutations.ts';
import { TABLES, TENANT } from '../../../../fixtures/foundry/questdb/catalog.ts';
import { FRAGMENTS, NEVER } from '../../../../fixtures/foundry/questdb/fragments.ts';

const ask = (query: string) => guardQuestdb({ tenantId: TENANT, query, tables: TABLES, maxRows: 1_000 });
const queries = readCorpus('questdb/queries.jsonl').map(({ query }) => query);
const attacks = readCorpus('questdb/attacks.jsonl').map(({ query }) => query);

const CONSTANTS = /'(?:[^']|'')*'/g;
const foreign = (text: string) => foreignWords(text, CONSTANTS, NEVER);

describe('queries into which attacks were put', () => {
  test('never are allowed with a foreign table, a refused function or a write in them', {
    timeout: 120_000,
  }, async () => {
    let allowed = 0;
    const holds = fc.asyncProperty(mutations(queries, FRAGMENTS), async ({ query }) => {
      const verdict = await ask(query);
      if (!verdict.allowed) return;
      allowed += 1;
      expect(foreign(verdict.query), `${query}\n${verdict.query}`).toEqual([]);
    });
    await fc.assert(holds, { seed: 8, numRuns: 700 });
    expect(allowed, 'some of them are harmless still').toBeGreaterThan(20);
  });

  test('what finds foreign words finds those of the attacks', { timeout: 120_000 }, () => {
    const renamed = attacks.map((query) => query.replaceAll(/globex_trades/gi, 'rival_trades'));
    expect(renamed.filter((query) => foreign(query).length > 0).length).toBeGreaterThan(40);
  });
});

describe('any text', () => {
  test('is judged, never thrown at', { timeout: 120_000 }, async () => {
    const holds = fc.asyncProperty(anyText(queries, FRAGMENTS), async (query) => {
      expect(await ask(query)).toMatchObject({ allowed: expect.any(Boolean) });
    });
    await fc.assert(holds, { seed: 8, numRuns: 250 });
  });

  test.each([
    ['casts', `SELECT 1${'::int'.repeat(3_900)} FROM stocks`],
    ['dots', `SELECT a${'.b'.repeat(9_000)} FROM stocks`],
    ['subscripts', `SELECT a${'[1]'.repeat(6_000)} FROM stocks`],
    ['negations', `SELECT ${'NOT '.repeat(1_900)}true FROM stocks`],
    ['additions', `SELECT 1${'+1'.repeat(1_900)} FROM stocks`],
    ['unions', `SELECT 1${' UNION SELECT 1'.repeat(1_200)} FROM stocks`],
  ])('endless %s neither throw nor break the parser', async (_what, query) => {
    expect(await ask(query)).toMatchObject({ allowed: expect.any(Boolean) });
    expect(await ask('SELECT ts FROM stocks LIMIT 1')).toMatchObject({ allowed: true });
  });
});
