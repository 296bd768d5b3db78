import { describe, expect, it } from 'vitest';
import { assertParsable, MAX_QUERY_CHARACTERS } from '../../../../src/foundry/guard/limits.ts';
import { judged } from '../../../../src/foundry/guard/verdict.ts';

async function verdictOf(query: string) {
  return judged(() => {
    assertParsable(query);
    return { query, limited: false };
  });
}

describe('before any parser reads a query', () => {
  it('lets an ordinary one through as it is', async () => {
    expect(await verdictOf('select 1')).toEqual({ allowed: true, query: 'select 1', limited: false });
  });

  it.each([
    ['nothing', ' \n', 'guard.unparsable'],
    ['NUL', 'select 1\0', 'guard.unparsable'],
    ['half a character', 'select \ud800', 'guard.unparsable'],
    ['too many characters', `select ${'a'.repeat(MAX_QUERY_CHARACTERS)}`, 'guard.too_long'],
    ['brackets too deep', `select ${'('.repeat(61)}1${')'.repeat(61)}`, 'guard.too_deep'],
    ['endless operators', `select 1${'+1'.repeat(2_001)}`, 'guard.too_deep'],
  ])('refuses %s', async (_what, query, code) => {
    expect(await verdictOf(query)).toMatchObject({ allowed: false, code });
  });

  it('refuses what makes the guard itself fail', async () => {
    const verdict = await judged(() => {
      throw new RangeError('Maximum call stack size exceeded');
    });
    expect(verdict).toMatchObject({ allowed: false, code: 'guard.unparsable' });
  });
});
