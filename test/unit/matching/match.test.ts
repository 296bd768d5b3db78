import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldProfiles } from '../../../src/domain/mapping.ts';
import { parseCanonical, profilesOf } from '../../../src/matching/canonical.ts';
import { matchFields } from '../../../src/matching/match.ts';
import { rankFields } from '../../../src/matching/rank.ts';

const names = (...list: string[]): FieldProfiles => Object.fromEntries(list.map((name) => [name, {}]));

describe('matching fields', () => {
  it('gives 1.0 to the same name in another spelling, and to another name the column is known by', () => {
    const target = { external_id: { aliases: ['id'] }, close_date: {} };
    const found = matchFields(names('Id', 'CloseDate'), target);
    expect(found.map((m) => [m.sourceField, m.targetColumn, m.confidenceScore])).toEqual([
      ['Id', 'external_id', 1],
      ['CloseDate', 'close_date', 1],
    ]);
  });

  it('prefers the column whose own name it is to one that is only known by it', () => {
    const found = matchFields(names('name'), { full_name: { aliases: ['name'] }, name: {} });
    expect(found[0]?.targetColumn).toBe('name');
  });

  it('answers no match for a field nothing fits', () => {
    expect(matchFields(names('HasOverdueTask'), names('ticker', 'isin', 'volume'))).toEqual([]);
  });

  it('gives a column that two fields want to one of them and names the other', () => {
    const found = matchFields(names('amount_due', 'due_amount'), names('amount_due', 'volume'));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      sourceField: 'amount_due',
      reason: expect.stringContaining('due_amount'),
    });
  });

  it('takes over a decision and leaves a reserved column alone', () => {
    const found = matchFields(names('OwnerId', 'Name'), names('owner_id', 'creator_id', 'name'), {
      decided: new Map([['OwnerId', 'creator_id']]),
      reserved: new Set(['name']),
    });
    expect(found.map((m) => [m.targetColumn, m.confidenceScore])).toEqual([['creator_id', 1]]);
  });

  it('is not sure of the same name when the values contradict it', () => {
    const source = { status: { samples: ['2020-01-01', '2021-02-02', '2022-03-03'] } };
    const found = matchFields(source, { status: { samples: ['open', 'closed', 'void'] } });
    expect(found[0]?.confidenceScore ?? 0).toBeLessThan(1);
  });

  it('offers at most three alternatives, likeliest first, and says why', () => {
    const target = names('billing_city', 'shipping_city', 'city', 'home_city', 'office_city');
    const [match] = matchFields(names('City'), target);
    expect(match?.alternatives).toHaveLength(3);
    const scores = match?.alternatives.map((a) => a.score) ?? [];
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(match?.reason).toBe('The names are the same.');
  });

  it("is not sure of a name that is the same where the values are another column's", () => {
    const races = ['White', 'Black or African American', 'Asian'];
    const target = {
      ethnicity: { samples: ['hispanic or latino', 'not hispanic or latino'] },
      race: { samples: ['white', 'black or african american', 'asian'] },
    };
    const [sure] = matchFields({ ethnicity: { samples: ['hispanic or latino'] } }, target);
    const [unsure] = matchFields({ ethnicity: { samples: races } }, target);
    expect(sure?.confidenceScore).toBe(1);
    expect(unsure?.confidenceScore ?? 0).toBeLessThan(1);
  });

  it('is not sure of names that share a number and contradict each other in the word that tells', () => {
    const kinds = { amount: 'amt', name: 'nm', date: 'dt' };
    const words = Object.keys(kinds);
    const numbers = Array.from({ length: 60 }, (_, n) => 1_000 + n);
    const source = names(...numbers.map((n) => `field_${n}_${words[n % 3]}`));
    const target = names(...numbers.map((n) => `col_${n}_${Object.values(kinds)[(n >> 1) % 3]}`));
    const sure = matchFields(source, target).filter((match) => match.confidenceScore >= 0.7);
    expect(sure.length).toBeGreaterThan(0);
    for (const { sourceField, targetColumn } of sure) {
      const [, number, kind = ''] = sourceField.split('_');
      expect(targetColumn).toBe(`col_${number}_${new Map(Object.entries(kinds)).get(kind)}`);
    }
  });

  it('leaves the identifier of one system to the reviewer where the field does not say whose it is', () => {
    const target = { owner_crm_id: { description: 'The user who owns the deal' }, stage: {} };
    const [match] = matchFields(names('OwnerId'), target);
    expect(match?.targetColumn).toBe('owner_crm_id');
    expect(match?.confidenceScore ?? 1).toBeLessThan(0.7);
    expect(match?.reason).toContain("that system's identifier");
  });

  it("answers the documented request as documented: 0.9 for Amount into deal_value_usd, owner's id to review", () => {
    const text = readFileSync(new URL('../../../src/domain/canonical/dm.json', import.meta.url), 'utf8');
    const deals = parseCanonical('dm.json', text, { expected: 'dm', onFault: () => undefined })?.tables[
      'deals'
    ];
    const source = {
      Id: 'string',
      Amount: 'number',
      CloseDate: 'string',
      StageName: 'string',
      OwnerId: 'string',
    };
    const found = matchFields(
      Object.fromEntries(Object.entries(source).map(([name, type]) => [name, { type }])),
      deals ? profilesOf(deals) : {},
      { context: ['Opportunity', 'deals'] },
    );
    const answer = found.map((match) => [match.sourceField, match.targetColumn, match.confidenceScore]);
    expect(answer).toEqual([
      ['Id', 'external_id', 1],
      ['Amount', 'deal_value_usd', 0.9],
      ['CloseDate', 'close_date', 1],
      ['StageName', 'stage', 0.9],
      ['OwnerId', 'owner_crm_id', 0.65],
    ]);
    expect(found[1]?.alternatives[0]?.column).toBe('expected_revenue_usd');
  });

  it('finds a synonym behind what repeats the name of the table and a unit, not behind another unit', () => {
    const scoreOf = (field: string) =>
      rankFields(names(field), names('trade_value_usd', 'volume'), { context: ['trades'] })[field]?.[0]
        ?.score ?? 0;
    expect(scoreOf('Worth')).toBeGreaterThan(scoreOf('Worth_eur'));
  });

  it('names first the columns that can hold the values among the alternatives', () => {
    const target = {
      net_amount: { type: 'double' },
      amount_at: { type: 'timestamptz' },
      amount_paid: { type: 'double' },
    };
    const [match] = matchFields({ net_amount: { type: 'number' } }, target);
    expect(match?.alternatives.map(({ column }) => column)).toEqual(['amount_paid', 'amount_at']);
  });

  it('names every field that lost a column to another, and counts those beyond five', () => {
    const [three] = matchFields(names('email', 'e_mail', 'Email Address'), names('email', 'volume'));
    expect([three?.sourceField, three?.confidenceScore]).toEqual(['email', 1]);
    expect(three?.reason).toMatch(/"e_mail"/);
    expect(three?.reason).toMatch(/"Email Address"/);
    const many = ['email', 'e_mail', 'EMAIL', 'e-mail', 'e mail', 'E_Mail', 'Email_', 'Email Address'];
    const [first] = matchFields(names(...many), names('email', 'volume'));
    expect(first?.reason).toContain('and 2 more');
  });

  it('never proposes an unknown field or column, nor a column twice, whatever the names', () => {
    const schema = fc.uniqueArray(fc.string({ maxLength: 12 }), { minLength: 0, maxLength: 8 });
    fc.assert(
      fc.property(schema, schema, (source, target) => {
        const found = matchFields(names(...source), names(...target));
        const columns = found.map((m) => m.targetColumn);
        expect(new Set(columns).size).toBe(columns.length);
        for (const { sourceField, targetColumn, confidenceScore } of found) {
          expect(source).toContain(sourceField);
          expect(target).toContain(targetColumn);
          expect(confidenceScore).toBeGreaterThan(0);
          expect(confidenceScore).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

describe('ranking', () => {
  it('ranks for every source field, best first, at most the asked number', () => {
    const ranking = rankFields(names('city', 'xyzzy'), names('town', 'country', 'street'), { top: 2 });
    expect(Object.keys(ranking)).toEqual(['city', 'xyzzy']);
    expect(ranking['city']?.[0]?.column).toBe('town');
    expect(ranking['xyzzy']).toHaveLength(2);
  });

  it('finds by its values a field whose name says nothing', () => {
    const source = {
      f1: { samples: ['Turkey vulture', 'Herring gull', 'Mallard'] },
      f2: { samples: [101, 350, 98] },
      f3: { samples: ['a@x.org', 'b@y.com'] },
    };
    const target = {
      speed: { samples: [120, 300, 90] },
      contact: { samples: ['jane@acme.com', 'joe@acme.com'] },
      species: { samples: ['Mallard', 'Barn owl', 'Turkey vulture'] },
    };
    const ranking = rankFields(source, target);
    expect(Object.values(ranking).map((list) => list[0]?.column)).toEqual(['species', 'speed', 'contact']);
  });

  it('comes to an end over numbers with a word among them', () => {
    const numbers = Array.from({ length: 30 }, (_, n) => String(n));
    const ranking = rankFields({ a: { samples: [...numbers, 'Unknown'] } }, { b: { samples: numbers } });
    expect(ranking['a']?.[0]?.score).toBeGreaterThan(0.1);
  });

  it('takes samples of every kind, names that differ only in case and names in any script', () => {
    const odd = {
      Id: { samples: [1, null, { a: 1 }, ['x'], undefined, true] },
      ID: {},
      名前: { samples: ['山田', 'x'.repeat(100_000)] },
      constructor: { samples: [] },
      ' ': {},
    };
    const ranking = rankFields(odd, odd);
    expect(Object.entries(ranking).map(([name, list]) => [name, list[0]?.column])).toEqual(
      Object.keys(odd).map((name) => [name, name]),
    );
    expect(rankFields(odd, {})).toEqual(Object.fromEntries(Object.keys(odd).map((name) => [name, []])));
    expect(rankFields({}, odd)).toEqual({});
  });

  it('finds values that are nearly the same', () => {
    const answers = { samples: ['Yes', 'No', 'Unknown'] };
    const target = {
      size: { samples: ['T1a', 'T2', 'T3b', 'TX'] },
      left: answers,
      seen: answers,
      known: answers,
      origin: { samples: ['hispanic or latino', 'not hispanic or latino'] },
    };
    const source = {
      qq: { samples: ['pT1a (FIGO IA)', 'pT3b'] },
      zz: { samples: ['Not-Hispanic or Latino', 'Hispanic'] },
    };
    const ranking = rankFields(source, target);
    expect([ranking['qq']?.[0]?.column, ranking['zz']?.[0]?.column]).toEqual(['size', 'origin']);
  });

  it('takes words less readily for a column whose name promises numbers', () => {
    const scoreOf = (samples: unknown[]) =>
      rankFields({ lump_size: { samples } }, { lump_width: {} })['lump_size']?.[0]?.score ?? 0;
    expect(scoreOf(['small', 'large', 'medium'])).toBeLessThan(scoreOf([3, 12, 7]));
  });
});
