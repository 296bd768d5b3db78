import fc from 'fast-check';
import { scanSync } from 'libpg-query';
import { describe, expect, test } from 'vitest';
import { guardPostgres } from '../../../../../src/foundry/guard/postgres/guard.ts';
import { readCorpus } from '../../../../fixtures/foundry/corpus.ts';
import { anyText, mutations } from '../../../../fixtures/foundry/mutations.ts';
import { TABLES, TENANT } from '../../../../fixtures/foundry/postgres/catalog.ts';
import { FRAGMENTS, NEVER } from '../../../../fixtures/foundry/postgres/fragments.ts';

const ask = (query: string) => guardPostgres({ tenantId: TENANT, query, tables: TABLES, maxRows: 1_000 });
const queries = readCorpus('postgres/queries.jsonl').map(({ query }) => query);
const attacks = readCorpus('postgres/attacks.jsonl').map(({ query }) => query);

/** The words of a text that are no literals, after a dot or before one or as they stand; names the text itself gives are left out. */
function foreignWords(text: string): string[] {
  const { tokens } = scanSync(text);
  const given = new Set(
    tokens.flatMap(({ text: word }, at) => {
      const [before, after] = [tokens[at - 1]?.text.toLowerCase(), tokens[at + 1]?.text.toLowerCase()];
      return before === 'as' || (after === 'as' && tokens[at + 2]?.text === '(') ? [unquoted(word)] : [];
    }),
  );
  return tokens
    .filter(({ tokenName }) => tokenName !== 'SCONST')
    .map(({ text: word }) => unquoted(word))
    .filter((word, at) => NEVER.has(word) && !(given.has(word) && tokens[at - 1]?.text !== '.'));
}

function unquoted(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1) : word.toLowerCase();
}

describe('queries into which attacks were put', () => {
  test('never are allowed with a foreign table, a refused function or a write in them', {
    timeout: 120_000,
  }, async () => {
    let allowed = 0;
    const holds = fc.asyncProperty(mutations(queries, FRAGMENTS), async ({ query }) => {
      const verdict = await ask(query);
      if (!verdict.allowed) return;
      allowed += 1;
      expect(foreignWords(verdict.query), `${query}\n${verdict.query}`).toEqual([]);
    });
    await fc.assert(holds, { seed: 8, numRuns: 4_000 });
    expect(allowed, 'some of them are harmless still').toBeGreaterThan(100);
  });

  test('what finds foreign words finds those of the attacks', { timeout: 120_000 }, () => {
    const named = attacks.filter((query) => {
      try {
        return foreignWords(query).length > 0;
      } catch {
        return false;
      }
    });
    expect(named.length).toBeGreaterThan(60);
  });
});

describe('any text', () => {
  test('is judged, never thrown at', { timeout: 120_000 }, async () => {
    const holds = fc.asyncProperty(anyText(queries, FRAGMENTS), async (query) => {
      expect(await ask(query)).toMatchObject({ allowed: expect.any(Boolean) });
    });
    await fc.assert(holds, { seed: 8, numRuns: 1_500 });
  });

  test.each([
    ['casts', `select 1${'::int'.repeat(3_900)}`],
    ['tests for null', `select 1${' is null'.repeat(2_400)}`],
    ['negations', `select ${'not '.repeat(1_900)}true`],
    ['additions', `select 1${'+1'.repeat(1_900)}`],
    ['unions', `select 1${' union select 1'.repeat(1_200)}`],
    ['subscripts', `select x${'[1]'.repeat(6_000)}`],
    ['collations', `select x${' collate "C"'.repeat(1_600)}`],
    ['sub-selects', `select ${'(select '.repeat(58)}1${')'.repeat(58)}`],
    ['cases', `select ${'case when true then 1 else '.repeat(600)}1${' end'.repeat(600)}`],
  ])('endless %s neither throw nor break the parser', async (_what, query) => {
    expect(await ask(query)).toMatchObject({ allowed: expect.any(Boolean) });
    expect(await ask('select 1')).toEqual({ allowed: true, query: 'SELECT 1 LIMIT 1000', limited: true });
  });
});
