import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkedNarrative } from '../../../src/foundry/narrative/check.ts';
import type { Answered } from '../../../src/foundry/narrative/facts.ts';
import { plainNarrative } from '../../../src/foundry/narrative/plain-narrative.ts';
import { sentencesOf } from '../../../src/foundry/narrative/sentences.ts';
import type { JsonValue } from '../../../src/foundry/values/json-value.ts';

/** The example of the documentation. */
const SEGMENTS: Answered = {
  question: "What were Apple's top 3 revenue segments by growth in FY2024?",
  query:
    "SELECT segment_name, revenue_usd_millions, yoy_growth_pct FROM ivory_tenant_acme.revenue_breakdowns WHERE ticker='AAPL' AND fiscal_year=2024 ORDER BY yoy_growth_pct DESC LIMIT 3",
  columns: ['segment_name', 'revenue_usd_millions', 'yoy_growth_pct'],
  rows: [
    ['Services', 85200, 14.2],
    ['Mac', 29800, 7.1],
    ['Wearables', 39800, 3.8],
  ],
  truncated: false,
};

function answered(rows: JsonValue[][], columns: string[], more: Partial<Answered> = {}): Answered {
  return { question: '', query: '', truncated: false, ...more, rows, columns };
}

describe('a narrative of a model', () => {
  it('passes as the document has it', () => {
    const documented =
      "Apple's Services segment led growth at 14.2% YoY in FY2024, driven by App Store and iCloud subscriptions. Mac returned to growth at 7.1%. Wearables grew modestly at 3.8%.";
    expect(checkedNarrative(documented, SEGMENTS)).toBe(documented);
  });

  it.each([
    'Services made 85,200 million.',
    'Services made $85.2 billion.',
    'Services made about 85 bn.',
    'Services made roughly $85B.',
    'Services made 85.2k.',
    'Services grew by 14 percent.',
    'Services grew by 14,2 %.',
    'Three segments grew; the 1st is Services and #2 is Mac.',
    'The top 2 are Services and Mac.',
    'Services grew fourteen percent.',
    'One of them is Mac.',
    'The U.S. market is not in the data.',
  ])('may say: %s', (sentence) => {
    expect(checkedNarrative(sentence, SEGMENTS)).toBe(sentence);
  });

  it.each([
    'Services made 99,999 million.',
    'Services grew by 14.3%.',
    'Services made 86.2 billion.',
    'Services made 85.2 trillion.',
    'Growth was 12 points.',
    'Growth was twenty percent.',
    'Services grew by ９９ percent.',
    'Services grew by ٩٩ percent.',
    'Services grew by ⅞.',
    'In 2019 it was less.',
    'The 7th is Mac.',
    'Five hundred segments grew.',
  ])('may not say: %s', (sentence) => {
    expect(checkedNarrative(sentence, SEGMENTS)).toBeNull();
  });

  it('loses a sentence with a number of its own, and keeps the others', () => {
    expect(checkedNarrative('Services led with 14.2%. Last year it was 31%. Mac had 7.1%.', SEGMENTS)).toBe(
      'Services led with 14.2%. Mac had 7.1%.',
    );
  });

  it('is given up when its first sentence falls', () => {
    expect(checkedNarrative('Services led with 15%. It was followed by Mac.', SEGMENTS)).toBeNull();
  });

  it('has three sentences at most', () => {
    expect(checkedNarrative('Mac grew. Mac grew. Mac grew. Mac grew.', SEGMENTS)).toBe(
      'Mac grew. Mac grew. Mac grew.',
    );
  });

  it.each([
    ['See [the report](https://evil.example/?q=1) for Mac.', 'See the report for Mac.'],
    ['Mac grew ![x](https://evil.example/p.png).', 'Mac grew x.'],
    ['Mac grew https://evil.example/a?b=c now.', 'Mac grew now.'],
    ['Mac <img src=x onerror=alert()> grew <b>much</b>.', 'Mac grew much.'],
    ['# Mac\n\n- **grew** `much`', 'Mac grew much'],
    ['Mac\u200b \u202egrew\u0007.', 'Mac grew.'],
    ['Mac grew data:text/html;base64,AAAA now.', 'Mac grew now.'],
  ])('is plain text: %j', (given, expected) => {
    expect(checkedNarrative(given, SEGMENTS)).toBe(expected);
  });

  it('may repeat what a text of the answer says, digits and all, but no part of it', () => {
    const planes = answered([['Boeing 737-800', 12]], ['aircraft', 'strikes']);
    expect(checkedNarrative('The Boeing 737-800 has 12 strikes.', planes)).not.toBeNull();
    expect(checkedNarrative('The Boeing 737-8000 has 12 strikes.', planes)).toBeNull();
  });

  it('may say a date in words', () => {
    const days = answered([['2024-03-07T00:00:00Z', 5]], ['day', 'flights']);
    expect(checkedNarrative('On March 7, 2024 there were 5 flights.', days)).not.toBeNull();
    expect(checkedNarrative('In Q1 of 2024 there were five flights.', days)).not.toBeNull();
    expect(checkedNarrative('In Q2 of 2024 there were 5 flights.', days)).toBeNull();
  });

  it('may say a share as percent, and a threshold that was asked for and used', () => {
    const shares = answered([['Delta', 0.385]], ['airline', 'share'], {
      question: 'Which airlines have more than 100 flights, say 777?',
      query: 'select airline, share from t where flights > 100',
    });
    expect(checkedNarrative('Delta has 38.5% with more than 100 flights.', shares)).not.toBeNull();
    expect(checkedNarrative('Delta has 777 flights.', shares)).toBeNull();
  });

  it('never says a number far from all of the answer', () => {
    const amount = fc.integer({ min: 2, max: 10 ** 9 });
    fc.assert(
      fc.property(fc.array(amount, { minLength: 1, maxLength: 20 }), amount, (amounts, said) => {
        const rows = amounts.map((value): JsonValue[] => [value]);
        const isTrue = amounts.includes(said) || said === rows.length;
        const text = `The total is ${said.toLocaleString('en-US')}.`;
        expect(checkedNarrative(text, answered(rows, ['n'])) !== null).toBe(isTrue);
      }),
    );
  });
});

describe('sentences', () => {
  it.each([
    ['It grew 14.2% to 1.5 bn. Then it fell.', ['It grew 14.2% to 1.5 bn.', 'Then it fell.']],
    ['Apple Inc. leads the U.S. Market share grew.', ['Apple Inc. leads the U.S. Market share grew.']],
    ['Up vs. Dell! Why? Unknown', ['Up vs. Dell!', 'Why?', 'Unknown']],
  ])('%s', (text, expected) => {
    expect(sentencesOf(text)).toEqual(expected);
  });
});

describe('a narrative without a model', () => {
  it('tells the example of the document by what it is sorted by', () => {
    expect(plainNarrative(SEGMENTS)).toBe(
      'Services has the highest yoy growth pct with 14.2, followed by Mac with 7.1 and Wearables with 3.8.',
    );
  });

  it.each<[string, JsonValue[][], string[], string]>([
    ['no row', [], ['count'], 'Nothing matches: the query found no rows.'],
    ['one number', [[10000]], ['count'], 'The count is 10,000.'],
    ['one unknown', [[null]], ['avg_cost'], 'The avg cost is unknown.'],
    ['a whole number beyond doubles', [['9007199254740993']], ['n'], 'The n is 9,007,199,254,740,993.'],
    [
      'one row',
      [['Mac', 29800, 7.125]],
      ['segment_name', 'revenue', 'growth'],
      'The segment name is Mac, the revenue is 29,800 and the growth is 7.13.',
    ],
    [
      'a ranking',
      [
        ['Services', 14.2],
        ['Mac', 7.1],
        ['Wearables', 3.8],
      ],
      ['segment', 'growth_pct'],
      'Services has the highest growth pct with 14.2, followed by Mac with 7.1 and Wearables with 3.8.',
    ],
    [
      'a long ranking from below',
      [
        ['a', 1],
        ['b', 2],
        ['c', 3],
        ['d', 4],
      ],
      ['name', 'n'],
      'A has the lowest n with 1, followed by b with 2 and c with 3. The last of the 4 is d with 4.',
    ],
    [
      'groups in no order',
      [
        ['x', 5],
        ['y', 9],
        ['z', 7],
      ],
      ['kind', 'count'],
      'There are 3 rows. The highest count is 9 (y), the lowest 5 (x).',
    ],
    [
      'a course of time',
      [
        ['2024-01-01T00:00:00Z', 5],
        ['2024-02-01T00:00:00Z', 9],
        ['2024-03-01T00:00:00Z', 7],
      ],
      ['month', 'count'],
      'From 2024-01-01 to 2024-03-01 (3 rows) the count goes from 5 to 7. The highest is 9 (2024-02-01), the lowest 5 (2024-01-01).',
    ],
    [
      'a course of years',
      [
        [2001, 5],
        [2000, 9],
      ],
      ['year', 'count'],
      'From 2000 to 2001 (2 rows) the count goes from 9 to 5. The highest is 9 (2000), the lowest 5 (2001).',
    ],
    [
      'numbers that name groups',
      [
        [7, 30],
        [8, 20],
      ],
      ['month', 'count'],
      'Month 7 has the highest count with 30, followed by month 8 with 20.',
    ],
    [
      'rows with ids, which measure nothing',
      [
        [1, 'a', 20],
        [2, 'b', 10],
      ],
      ['id', 'name', 'price'],
      'A has the highest price with 20, followed by b with 10.',
    ],
    [
      'groups of yes and no',
      [
        [true, 3],
        [false, 9],
      ],
      ['is_late', 'count'],
      'Is late yes has the lowest count with 3, followed by is late no with 9.',
    ],
    [
      'a measure that is the same everywhere is passed over',
      [
        ['a', 0, 5],
        ['b', 0, 9],
      ],
      ['name', 'cost', 'speed'],
      'A has the lowest speed with 5, followed by b with 9.',
    ],
    ['a list', [['a'], ['b']], ['name'], 'There are 2 rows. They are a and b.'],
    [
      'rows without an amount',
      [
        ['a', 'x'],
        ['b', 'y'],
      ],
      ['name', 'kind'],
      'There are 2 rows. In the first, the name is a and the kind is x.',
    ],
  ])('tells %s', (_, rows, columns, expected) => {
    expect(plainNarrative({ rows, columns, truncated: false })).toBe(expected);
  });

  it('says when rows were cut', () => {
    expect(plainNarrative({ rows: [['a'], ['b']], columns: ['name'], truncated: true })).toMatch(
      /Only the first 2 rows are shown\.$/,
    );
  });

  it('carries no markup of a row', () => {
    const rows = [['![x](https://evil.example/p.png) <script>alert(1)</script>']];
    expect(plainNarrative({ rows, columns: ['comment'], truncated: false })).not.toMatch(/https|[<>]|evil/);
  });

  const value: fc.Arbitrary<JsonValue> = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.integer({ min: -(10 ** 7), max: 10 ** 7 }).map((n) => n / 100),
    fc.stringMatching(/^[a-z]{0,8}$/),
  );

  it('passes the check that a model has to pass, and is never empty', () => {
    const table = fc
      .integer({ min: 1, max: 4 })
      .chain((width) => fc.array(fc.array(value, { minLength: width, maxLength: width }), { maxLength: 8 }));
    fc.assert(
      fc.property(table, (rows) => {
        const columns = (rows[0] ?? [0]).map((_, at) => `column ${'abcd'[at]}`);
        const text = plainNarrative({ rows, columns, truncated: false });
        expect(text.length).toBeGreaterThan(5);
        expect(checkedNarrative(text, answered(rows, columns))).toBe(text);
      }),
    );
  });
});
