import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guardSpark } from '../../../../../src/foundry/guard/spark/guard.ts';
import { readCorpus } from '../../../../fixtures/foundry/corpus.ts';
import { foreignWords } from '../../../../fixtures/foundry/foreign-words.ts';
import { anyText, mutations } from '../../../../fixtures/foundry/mutations.ts';
import { TABLES, TENANT } from '../../../../fixtures/foundry/spark/catalog.ts';
import { FRAGMENTS, NEVER } from '../../../../fixtures/foundry/spark/fragments.ts';

const ask = (query: string) => guardSpark({ tenantId: TENANT, query, tables: TABLES, maxRows: 1_000 });
const queries = readCorpus('spark/queries.jsonl').map(({ query }) => query);
const attacks = readCorpus('spark/attacks.jsonl').map(({ query }) => query);

const CONSTANTS = /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"/g;
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
    const renamed = attacks.map((query) => query.replaceAll('ivory_tenant_globex', 'rival'));
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
    ['casts', `SELECT 1${'::int'.repeat(3_900)}`],
    ['dots', `SELECT a${'.b'.repeat(9_000)}`],
    ['subscripts', `SELECT a${'[1]'.repeat(6_000)}`],
    ['negations', `SELECT ${'NOT '.repeat(1_900)}true`],
    ['additions', `SELECT 1${'+1'.repeat(1_900)}`],
    ['unions', `SELECT 1${' UNION SELECT 1'.repeat(1_200)}`],
    ['lambdas', `SELECT filter(a, ${'x -> '.repeat(1_500)}true)`],
  ])('endless %s neither throw nor break the parser', async (_what, query) => {
    expect(await ask(query)).toMatchObject({ allowed: false });
    expect(await ask('SELECT 1 AS a LIMIT 1')).toEqual({
      allowed: true,
      query: 'SELECT 1 AS a LIMIT 1',
      limited: false,
    });
  });
});
