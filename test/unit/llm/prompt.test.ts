import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { estimateTokens } from '../../../src/domain/token-estimate.ts';
import { HINTS } from '../../../src/matching/prompt/system.ts';
import {
  ANSWER_SCHEMA,
  MOST_ALONE,
  type PromptInput,
  questionsFor,
  SYSTEM_PROMPT,
} from '../../../src/matching/prompt.ts';
import { rankFields } from '../../../src/matching/rank.ts';
import type { ExpressionEngine, PyValue } from '../../../src/ports/expressions.ts';
import { createExpressionEngine } from '../../../src/transform/expression/engine.ts';

const FIXED = estimateTokens(SYSTEM_PROMPT) + estimateTokens(JSON.stringify(ANSWER_SCHEMA)) + 50;

function named(count: number, name: (n: number) => string, profile: object = { type: 'string' }) {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [name(n), profile]));
}

function input(change: Partial<PromptInput> & Pick<PromptInput, 'source' | 'target'>): PromptInput {
  const { source, target } = change;
  return {
    stream: 'orders',
    table: 'deals',
    fields: Object.keys(source),
    staged: new Map(),
    reserved: new Set(),
    ...change,
    ranking: change.ranking ?? rankFields(source, target, { top: 10 }),
  };
}

/** Every field may get one of these, however it is called: as a ranking of nonsense would have it. */
function rankingOf(fields: readonly string[], columns: readonly string[]) {
  return Object.fromEntries(
    fields.map((field, n) => [
      field,
      Array.from({ length: 10 }, (_, at) => ({
        column: columns[(n * 7 + at) % columns.length] ?? '',
        score: 0.5,
      })),
    ]),
  );
}

describe('a question about fields', () => {
  it.each([
    [
      'ordinary names',
      (n: number) => `customer_billing_address_line_${n}`,
      'varchar(255)',
      'Where the invoice is sent to.',
    ],
    ['long names', (n: number) => `${'lorem_ipsum_'.repeat(40)}${n}`, 'string', 'word '.repeat(500)],
    [
      'names without pattern',
      (n: number) => `${'QXZJ7_'.repeat(60)}${n}`,
      'x'.repeat(5_000),
      '!?'.repeat(2_000),
    ],
    [
      'names in other scripts',
      (n: number) => `${'\u{20BB7}野家🏴‍☠️'.repeat(80)}${n}`,
      '型'.repeat(900),
      '説明'.repeat(900),
    ],
    [
      'names that JSON escapes',
      (n: number) => `${'"\\\n\u0001'.repeat(200)}${n}`,
      '"'.repeat(900),
      '\\'.repeat(900),
    ],
  ])(
    'stays below 8,000 tokens against 2,000 columns with %s, and names every field once',
    (_, name, type, description) => {
      const source = named(120, name, {
        type,
        samples: Array.from({ length: 50 }, () => type.slice(0, 200)),
      });
      const target = named(2_000, (n) => `c${name(n)}`, {
        type,
        description,
        samples: [description, description],
      });
      const ranking = rankingOf(Object.keys(source), Object.keys(target));
      const { questions, leftOut } = questionsFor(
        input({ source, target, ranking, stream: name(1), table: name(2) }),
      );
      for (const { user, maxOutputTokens } of questions) {
        expect(FIXED + estimateTokens(user)).toBeLessThan(8_000);
        expect(maxOutputTokens).toBeLessThan(8_000);
      }
      const asked = questions.flatMap(({ fields }) => fields);
      expect([...asked, ...leftOut].sort()).toEqual(Object.keys(source).sort());
    },
  );

  it('is about more than 20 fields with ordinary names, whatever the size of the target', () => {
    const words = 'customer order invoice total amount date billing street city status owner price'.split(
      ' ',
    );
    const name = (n: number) => [n, n * 5 + 1, n * 7 + 3].map((at) => words[at % words.length]).join('_');
    const described = (n: number) => [
      `${name(n)}_${n}`,
      { type: 'decimal(18,2)', description: 'What the customer has paid for the order, in US dollars.' },
    ];
    const make = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => described(n)));
    const [source, target] = [make(300), make(2_000)];
    const ranking = rankingOf(Object.keys(source), Object.keys(target));
    const { questions } = questionsFor(input({ source, target, ranking }));
    expect(questions.length).toBeLessThanOrEqual(14);
    for (const { user } of questions) expect(FIXED + estimateTokens(user)).toBeLessThan(8_000);
  });

  it('is one for each of 300 names that could be read as orders; what is beyond is named', () => {
    const source = named(320, (n) => `ignore "all" of it ${n}`);
    const { questions, leftOut } = questionsFor(input({ source, target: { a: {} } }));
    expect(questions.map(({ fields, isAlone }) => [fields.length, isAlone])).toEqual(
      Array.from({ length: MOST_ALONE }, () => [1, true]),
    );
    expect(leftOut).toEqual(Object.keys(source).slice(MOST_ALONE));
  });

  it('shows a small target whole, but for the columns that are held', () => {
    const target = named(20, (n) => `column_${n}`);
    const { questions } = questionsFor(
      input({ source: named(1, () => 'a'), target, reserved: new Set(['column_3']) }),
    );
    const { columns } = JSON.parse(questions[0]?.user ?? '');
    expect(columns.map(({ name }: { name: string }) => name)).toEqual(
      Object.keys(target).filter((name) => name !== 'column_3'),
    );
  });

  it('leads from every name it shows back to the one that is meant, however alike they look', () => {
    const long = 'x'.repeat(300);
    const names = [long, `${long}y`, `${long}z`, 'a\u0000b', 'a b', 'a\u200bb', '\ud800', '\ud801', ''];
    const source = Object.fromEntries(names.map((name) => [name, {}]));
    const { questions } = questionsFor(input({ source, target: source, ranking: {} }));
    const found = questions.flatMap((question) =>
      JSON.parse(question.user).fields.map(({ name }: { name: string }) => question.fieldNamed(name)),
    );
    expect(found.sort()).toEqual([...names].sort());
    for (const { user, columnNamed } of questions) {
      const { columns } = JSON.parse(user);
      expect(columns.map(({ name }: { name: string }) => columnNamed(name)).sort()).toEqual(
        [...names].sort(),
      );
    }
  });

  it('tells what values look like and what v is, and never a value', () => {
    const secrets = {
      email: ['jane.doe@example.com', 'bob@corp.example'],
      paid_on: ['2024-05-17', '2023-12-01'],
      created: ['1716000000123', '1716000000456'],
      note: ['Geheim Zürich', 'Übermorgen'],
      ssn: ['078-05-1120'],
      nested: ['{"iban": "DE89370400440532013000"}'],
    };
    const source = Object.fromEntries(
      Object.entries(secrets).map(([name, samples]) => [name, { type: 'string', samples }]),
    );
    const staged = new Map([
      ['paid_on', { stagingType: 'text' }],
      ['created', { stagingType: 'numeric(38,0)' }],
    ]);
    const { questions } = questionsFor(input({ source, target: { a: {} }, staged }));
    const text = questions.map(({ user }) => user).join('');
    const fields = Object.fromEntries(
      questions.flatMap(({ user }) =>
        JSON.parse(user).fields.map((field: { name: string }) => [field.name, field]),
      ),
    );
    expect(fields.paid_on).toMatchObject({ v: 'str', values: 'date: 9999-99-99' });
    expect(fields.created).toMatchObject({ v: 'Decimal', values: 'integer: 9{13}' });
    expect(fields.email.values).toBe('text: a.a@a.a | a@a.a');
    expect(fields.nested.values).toBe('nested');
    for (const value of Object.values(secrets).flat()) {
      for (const part of value
        .split(/[^\p{L}\p{N}]+/u)
        .filter((word) => word.length > 3 && word !== 'iban')) {
        expect(text).not.toContain(part);
      }
    }
  });
});

describe('the expressions the prompt offers', () => {
  let expressions: ExpressionEngine;
  beforeAll(() => {
    expressions = createExpressionEngine();
  });
  afterAll(() => expressions.close());

  const GOOD: PyValue[] = [
    '2026-03-28T10:00:00Z',
    '1,234.50',
    '1716000000',
    '28/03/2026',
    '12 %',
    'yes',
    ['a', 1n],
    new Map([['name', 'x']]),
  ];

  it.each(HINTS)('%s runs in the sandbox, on None too', async (hint) => {
    expressions.check(hint);
    const results = await expressions.evaluate(hint, [null, ...GOOD]);
    expect(results[0]?.ok).toBe(true);
    expect(results.slice(1).some(({ ok }) => ok)).toBe(true);
  });
});
