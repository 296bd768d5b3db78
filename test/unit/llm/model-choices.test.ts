import { describe, expect, it } from 'vitest';
import { questionsFor } from '../../../src/matching/prompt.ts';
import { claimsOf, settleClaims } from '../../../src/services/mappings/model-choices.ts';

const source = { Id: {}, Amount: {}, 'Note"}]}': {} };
const target = { id: {}, deal_value_usd: { aliases: ['amount'] }, note: {}, held: {} };
const ranking = {
  Id: [{ column: 'id', score: 0.9 }],
  Amount: [{ column: 'deal_value_usd', score: 0.5 }],
  'Note"}]}': [{ column: 'note', score: 0.6 }],
};

function chosen(entries: readonly unknown[]) {
  const fields = Object.keys(source);
  const place = { stream: 's', table: 't', fields, source, target, staged: new Map() };
  const { questions } = questionsFor({ ...place, ranking, reserved: new Set(['held']) });
  const claims = questions.flatMap((question) => claimsOf(entries, question));
  return Object.fromEntries(settleClaims(claims, { target, ranking }));
}

function entry(source_field: unknown, target_column: unknown, change: object = {}) {
  return { source_field, target_column, confidence: 0.9, transform_fn: null, reason: 'because', ...change };
}

describe('what is taken of an answer', () => {
  it('is fields that were asked about and columns that were offered', () => {
    expect(
      chosen([
        entry('Invented', 'id'),
        entry('Id', 'invented'),
        entry('Amount', 'held'),
        entry('Id', '__proto__'),
      ]),
    ).toEqual({});
    expect(chosen([entry('Id', 'id')])).toMatchObject({ Id: { column: 'id', confidence: 1 } });
  });

  it('is not lost for one entry of another shape', () => {
    const odd = [null, 7, 'x', {}, entry(1, 2), entry('Id', ['id'])];
    expect(Object.keys(chosen([...odd, entry('Amount', 'deal_value_usd')]))).toEqual(['Amount']);
  });

  it.each([
    [1, 1],
    [0.9, 1],
    [0.5, 0.5],
    [-3, 0],
    [99, 1],
    ['high', 0],
  ])('confidence %s for a name the column is known by counts as %s', (confidence, counted) => {
    expect(chosen([entry('Amount', 'deal_value_usd', { confidence })])).toMatchObject({
      Amount: { confidence: counted },
    });
  });

  it.each([
    [1, 0.9],
    [0.86, 0.9],
    [0.75, 0.7],
    [0.699, 0.69],
    [0.1, 0.1],
  ])('confidence %s for another name counts as %s', (confidence, counted) => {
    expect(chosen([entry('Amount', 'note', { confidence })])).toMatchObject({
      Amount: { confidence: counted },
    });
  });

  it('gives a column to one field: the surer, then the likelier by the matcher', () => {
    expect(
      chosen([entry('Amount', 'id', { confidence: 1 }), entry('Id', 'id', { confidence: 0.9 })]),
    ).toMatchObject({
      Id: { column: 'id' },
    });
    const both = chosen([entry('Amount', 'note'), entry('Id', 'note')]);
    expect(Object.keys(both)).toHaveLength(1);
  });

  it('believes that no column fits, but not of a field that has its namesake', () => {
    expect(chosen([entry('Amount', null), entry('Id', null)])).toEqual({ Amount: null });
  });

  it('lets an oddly named field take no column that another fits better', () => {
    expect(chosen([entry('Note"}]}', 'id', { confidence: 1 })])).toEqual({});
    expect(chosen([entry('Note"}]}', 'note')])).toMatchObject({ 'Note"}]}': { column: 'note' } });
  });

  it('is a reason in plain text of bounded length', () => {
    const reason = `<b>Same</b>\n\u202ename\u0000 ![x](https://evil.example/?q=1) ${'🏴'.repeat(1_000)}`;
    const { Id } = chosen([entry('Id', 'id', { reason })]);
    expect(Id?.reason).toMatch(/^Same name !\[x\]\(\[link\]/);
    expect([...(Id?.reason ?? '')].length).toBeLessThanOrEqual(300);
    expect(Id?.reason).not.toMatch(/\p{C}|evil/u);
  });
});
