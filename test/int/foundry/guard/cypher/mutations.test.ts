import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guardCypher } from '../../../../../src/foundry/guard/cypher/guard.ts';
import { readCorpus } from '../../../../fixtures/foundry/corpus.ts';
import { TABLES, TENANT } from '../../../../fixtures/foundry/cypher/catalog.ts';
import { FRAGMENTS, NEVER } from '../../../../fixtures/foundry/cypher/fragments.ts';
import { anyText, mutations } from '../../../../fixtures/foundry/mutations.ts';

const ask = (query: string) => guardCypher({ tenantId: TENANT, query, tables: TABLES, maxRows: 1_000 });
const queries = readCorpus('cypher/queries.jsonl').map(({ query }) => query);
const attacks = readCorpus('cypher/attacks.jsonl').map(({ query }) => query);

/** A text may hold any word, and so may a property, a variable or a column in backticks: a label or type may not. */
function withoutQuotes(query: string): string {
  return query
    .replaceAll(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/gs, "''")
    .replaceAll(/([:|]?)`([^`]*)`/g, (_quoted, sign: string, name: string) => sign + (sign ? name : 'x'))
    .replaceAll(/(?<=\w\.)\w+/g, 'property');
}

describe('queries into which attacks were put', () => {
  test('never are allowed with a foreign label, a refused function or a write in them', {
    timeout: 120_000,
  }, async () => {
    let allowed = 0;
    const holds = fc.asyncProperty(mutations(queries, FRAGMENTS), async ({ query }) => {
      const verdict = await ask(query);
      if (!verdict.allowed) return;
      allowed += 1;
      expect(withoutQuotes(verdict.query), `${query}\n${verdict.query}`).not.toMatch(NEVER);
    });
    await fc.assert(holds, { seed: 8, numRuns: 10_000 });
    expect(allowed, 'some of them are harmless still').toBeGreaterThan(100);
  });

  test('what finds foreign words finds those of the attacks', { timeout: 120_000 }, () => {
    expect(attacks.filter((query) => NEVER.test(withoutQuotes(query))).length).toBeGreaterThan(60);
  });
});

describe('any text', () => {
  test('is judged, never thrown at', { timeout: 120_000 }, async () => {
    const holds = fc.asyncProperty(anyText(queries, FRAGMENTS), async (query) => {
      expect(await ask(query)).toMatchObject({ allowed: expect.any(Boolean) });
    });
    await fc.assert(holds, { seed: 8, numRuns: 3_000 });
  });

  test.each([
    ['negations', `RETURN ${'NOT '.repeat(1_900)}true`],
    ['signs', `RETURN ${'- '.repeat(1_900)}1`],
    ['brackets', `RETURN ${'('.repeat(20)}1${')'.repeat(20)}`],
    ['lists', `RETURN ${'['.repeat(20)}1${']'.repeat(20)}`],
    ['maps', `RETURN ${'{a: '.repeat(20)}1${'}'.repeat(20)}`],
    ['calls', `RETURN ${'abs('.repeat(20)}1${')'.repeat(20)}`],
    ['cases', `RETURN ${'CASE WHEN true THEN 1 ELSE '.repeat(20)}1${' END'.repeat(20)}`],
    ['comprehensions', `RETURN ${'[x IN '.repeat(20)}[1]${' | x]'.repeat(20)}`],
    ['bracketed patterns', `MATCH (n) WHERE ${'('.repeat(20)}(n)-->()${')'.repeat(20)} RETURN n`],
    [
      'deep ones side by side',
      `RETURN [${Array(200)
        .fill(`${'('.repeat(8)}1${')'.repeat(8)}`)
        .join(', ')}]`,
    ],
    ['maps of patterns', `MATCH ${'(n {a: '.repeat(20)}1${'})'.repeat(20)} RETURN n`],
  ])('nested %s, over which the engine’s parser would stall, are refused', async (_what, query) => {
    expect(await ask(query)).toMatchObject({ allowed: false, code: 'guard.too_deep' });
  });

  test.each([
    ['additions', `RETURN 1${' + 1'.repeat(1_900)}`],
    ['tests for null', `RETURN 1${' IS NULL'.repeat(2_400)}`],
    ['properties', `WITH {a: 1} AS a RETURN a${'.a'.repeat(9_000)}`],
    ['unions', `RETURN 1 AS a${' UNION RETURN 1 AS a'.repeat(900)}`],
    ['comments', '/*'.repeat(9_000)],
    ['quotes', "'\\".repeat(9_000)],
  ])('endless %s are judged', async (_what, query) => {
    expect(await ask(query)).toMatchObject({ allowed: expect.any(Boolean) });
  });
});
