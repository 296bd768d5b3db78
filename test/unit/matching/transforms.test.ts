import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseLakeType } from '../../../src/domain/lake-type.ts';
import type { FieldProfile } from '../../../src/domain/mapping.ts';
import type { SourceColumn } from '../../../src/matching/transforms/values.ts';
import { PATTERNS, proposeTransform } from '../../../src/matching/transforms.ts';
import type { ExpressionEngine } from '../../../src/ports/expressions.ts';
import { checkExpression } from '../../../src/transform/expression/check-expression.ts';
import { createExpressionEngine } from '../../../src/transform/expression/engine.ts';
import { transformColumn } from '../../../src/transform/row-transformer.ts';

type Source = Omit<SourceColumn, 'name'> & { name?: string };
type Target = FieldProfile & { name?: string };

function proposal(source: Source, target: Target) {
  return proposeTransform({ name: 'field', ...source }, { name: 'column', ...target });
}

/** A column of staged text. */
const text = (...samples: (string | null)[]): Source => ({ stagingType: 'text', samples });
const staged = (stagingType: string, ...samples: (string | null)[]): Source => ({ stagingType, samples });

let engine: ExpressionEngine;
beforeAll(() => {
  engine = createExpressionEngine({ threads: 1 });
});
afterAll(() => engine.close());

/** What a load would write, for null, for "" where staging can hold it, and for each sample. */
async function loaded(source: Source, target: Target): Promise<unknown[]> {
  const { expression } = proposal(source, target);
  const stagingType = source.stagingType ?? 'text';
  const given = [null, ...(stagingType === 'text' ? [''] : []), ...(source.samples ?? []).map(String)];
  const cells = await transformColumn(
    {
      sourceColumn: 'f',
      stagingType,
      targetColumn: 'c',
      targetType: parseLakeType(target.type ?? 'string'),
      transformFn: expression,
    },
    given,
    engine,
  );
  return cells.map((cell) => ('error' in cell ? cell.error : cell.value));
}

describe('transforms', () => {
  it.each(Object.entries(PATTERNS))('the pattern %s is one the sandbox runs', (_, expression) => {
    expect(() => checkExpression(expression)).not.toThrow();
  });

  it.each<[string, Source, Target, string | null]>([
    ['a date from text without samples', { type: 'string' }, { type: 'date' }, PATTERNS.isoDate],
    ['a date from timestamps', text('2026-03-28T12:00:00Z'), { type: 'date' }, PATTERNS.isoDate],
    [
      'a date from staged timestamps',
      staged('timestamp without time zone', '2026-03-28 12:00:00'),
      { type: 'date' },
      PATTERNS.isoDate,
    ],
    ['nothing for dates that are dates', text('2026-03-28'), { type: 'date' }, null],
    ['nothing for staged dates', staged('date', '2026-03-28'), { type: 'date' }, null],
    ['nothing for a timestamp column without samples', { type: 'string' }, { type: 'timestamptz' }, null],
    ['cents by name', { name: 'amount_cents', type: 'integer' }, { type: 'decimal(18,2)' }, PATTERNS.cents],
    [
      'cents by description',
      { description: 'Amount in cents', samples: [1099] },
      { type: 'double' },
      PATTERNS.cents,
    ],
    [
      'nothing for cents into cents',
      { name: 'amount_cents', type: 'integer' },
      { name: 'price_cents', type: 'long' },
      null,
    ],
    [
      'nothing for an amount nobody calls cents',
      { name: 'Amount', type: 'number' },
      { type: 'double' },
      null,
    ],
    ['nothing for a percent called "percentage"', { name: 'percent_cent' }, { type: 'string' }, null],
    ['nothing for fractions called cents', { name: 'cents', samples: ['1.5'] }, { type: 'double' }, null],
    ['thousands', text('1,200.50', '30'), { type: 'double' }, "float(v.replace(',', '')) if v else None"],
    ['upper case', text('usd'), { type: 'string', samples: ['USD', 'EUR'] }, PATTERNS.upper],
    [
      'upper case without samples',
      { type: 'string' },
      { type: 'string', samples: ['USD', 'EUR'] },
      PATTERNS.upper,
    ],
    ['nothing for upper case', text('USD'), { type: 'string', samples: ['USD', 'EUR'] }, null],
    ['trimming', text(' a', 'b'), { type: 'string' }, PATTERNS.trim],
    ['a boolean from 1 and 0', staged('bigint', '1', '0'), { type: 'boolean' }, PATTERNS.boolean],
    ['nothing for numbers that are text', text('12', '7.5'), { type: 'double' }, null],
    ['nothing for a unit only one side names', { name: 'size_ms', type: 'number' }, { type: 'double' }, null],
    [
      'nothing for kilograms into pounds',
      { name: 'weight_kg', type: 'number' },
      { name: 'weight_lb', type: 'double' },
      null,
    ],
  ])('proposes %s', (_, source, target, expected) => {
    expect(proposal(source, target).expression).toBe(expected);
  });

  it.each<[string, Source, Target, unknown[]]>([
    [
      'seconds since 1970',
      staged('bigint', '1679090539'),
      { type: 'timestamptz' },
      [null, '2023-03-17T22:02:19Z'],
    ],
    [
      'milliseconds since 1970 of a numeric column',
      staged('numeric', '1679090539123'),
      { type: 'timestamp' },
      [null, '2023-03-17T22:02:19.123000'],
    ],
    [
      'milliseconds since 1970 as text, into a date',
      text('1679090539123'),
      { type: 'date' },
      [null, null, '2023-03-17'],
    ],
    [
      'seconds with a fraction',
      staged('double precision', '1679090539.5'),
      { type: 'timestamptz' },
      [null, '2023-03-17T22:02:19.500000Z'],
    ],
    [
      'dates with a day above 12',
      text('28/03/2026', '01/02/2026'),
      { type: 'date' },
      [null, null, '2026-03-28', '2026-02-01'],
    ],
    [
      'American dates with a time',
      text('3/28/26 4:05 PM', '12/01/25 11:30 AM'),
      { type: 'timestamptz' },
      [null, null, '2026-03-28T16:05:00Z', '2025-12-01T11:30:00Z'],
    ],
    [
      'dates with names of months',
      text('28 Mar 2026', '3 May 2025'),
      { type: 'date' },
      [null, null, '2026-03-28', '2025-05-03'],
    ],
    [
      'dates with long names of months',
      text('March 28, 2026', 'May 3, 2025'),
      { type: 'date' },
      [null, null, '2026-03-28', '2025-05-03'],
    ],
    [
      'the dates of mail headers',
      text('Sat, 28 Mar 2026 10:00:00 +0200'),
      { type: 'timestamptz' },
      [null, null, '2026-03-28T08:00:00Z'],
    ],
    ['compact dates', text('20260328'), { type: 'date' }, [null, null, '2026-03-28']],
    ['compact dates as numbers', staged('numeric', '20260328'), { type: 'date' }, [null, '2026-03-28']],
    [
      'ISO dates and words for none',
      text('2026-03-28', 'N/A'),
      { type: 'date' },
      [null, null, '2026-03-28', null],
    ],
    [
      'percent as written',
      text('45%', '7.5 %'),
      { name: 'probability_pct', type: 'double' },
      [null, null, 45, 7.5],
    ],
    [
      'percent as a fraction',
      text('45%', '7.1 %'),
      { name: 'win_probability', type: 'decimal(9,4)' },
      [null, null, '0.4500', '0.0710'],
    ],
    ['thousands as whole numbers', text('1,200', '30'), { type: 'long' }, [null, null, 1200n, 30n]],
    [
      'European decimals',
      text('1.234,50', '7,5'),
      { type: 'decimal(18,2)' },
      [null, null, '1234.50', '7.50'],
    ],
    [
      'spaces between thousands',
      text('1 234,50', '12\u00a0000,00'),
      { type: 'double' },
      [null, null, 1234.5, 12000],
    ],
    [
      "accountants' negatives and a currency sign",
      text('$1,234.50', '($7.00)', '-'),
      { type: 'decimal(18,2)' },
      [null, null, '1234.50', '-7.00', null],
    ],
    ['a currency code', text('EUR 12.50', '3.00 EUR'), { type: 'double' }, [null, null, 12.5, 3]],
    [
      'numbers and words for none',
      text('12.5', 'N/A', 'null'),
      { type: 'double' },
      [null, null, 12.5, null, null],
    ],
    ['blanks among numbers', text('12', '  '), { type: 'long' }, [null, null, 12n, null]],
    ['yes and no', text('Yes', 'no '), { type: 'boolean' }, [null, null, true, false]],
    ['Y and N', text('Y', 'N', 'n/a'), { type: 'boolean' }, [null, null, true, false, null]],
    ['on and off', text('on', 'OFF'), { type: 'boolean' }, [null, null, true, false]],
    ['1 and 0 as text', text('1', '0'), { type: 'boolean' }, [null, null, true, false]],
    ['oui and non', text('oui', 'non'), { type: 'boolean' }, [null, null, true, false]],
    [
      '1, 0 and null of a numeric column',
      staged('numeric', '1', '0'),
      { type: 'boolean' },
      [false, true, false],
    ],
    [
      'codes by a rule',
      text('Closed Won', 'Prospecting'),
      { type: 'string', samples: ['CLOSED_WON', 'PROSPECTING'] },
      [null, null, 'CLOSED_WON', 'PROSPECTING'],
    ],
    [
      'codes one by one',
      text('closed won', 'New', 'Other'),
      { type: 'string', samples: ['ClosedWon', 'NEW'] },
      [null, null, 'ClosedWon', 'NEW', 'Other'],
    ],
    [
      'lower-case codes',
      text('Open', 'Closed'),
      { type: 'string', samples: ['open', 'closed'] },
      [null, null, 'open', 'closed'],
    ],
    ['words for none in text', text('Berlin', 'N/A'), { type: 'string' }, [null, null, 'Berlin', null]],
    ['JSON text', text('{"a": 1}', '[2]'), { type: 'json' }, [null, null, '{"a":1}', '[2]']],
    [
      'milliseconds into seconds',
      { ...staged('bigint', '1500'), name: 'duration_ms' },
      { name: 'duration_s', type: 'double' },
      [null, 1.5],
    ],
    [
      'basis points into percent, of a numeric column',
      { ...staged('numeric', '125'), name: 'spread_bps' },
      { name: 'spread_pct', type: 'decimal(9,4)' },
      [null, '1.2500'],
    ],
    [
      'cents of a numeric column',
      { ...staged('numeric', '1099'), name: 'amount_cents' },
      { type: 'decimal(18,2)' },
      ['0.00', '10.99'],
    ],
  ])('makes of %s what a load takes', async (_, source, target, expected) => {
    const { expression, note } = proposal(source, target);
    expect(() => checkExpression(expression ?? '')).not.toThrow();
    expect(note).toBeTruthy();
    expect(await loaded(source, target)).toEqual(expected);
  });

  it.each<[string, Source, Target, RegExp]>([
    ['dates that could be either', text('01/02/2026', '03/04/2026'), { type: 'date' }, /ambiguous/],
    ['dates in two orders', text('28/03/2026', '03/28/2026'), { type: 'date' }, /several ways/],
    ['several currencies', text('$5', '€7'), { type: 'double' }, /several currencies/],
    ['what is no date', text('soon', 'later'), { type: 'date' }, /no dates/],
  ])('proposes none for %s, and says why', (_, source, target, reason) => {
    const { expression, note } = proposal(source, target);
    expect(expression).toBeNull();
    expect(note).toMatch(reason);
  });

  it('keeps the null of a boolean that is sometimes null', async () => {
    const source = staged('bigint', '1', '0', null);
    expect(proposal(source, { type: 'boolean' }).expression).toBe('bool(v) if v is not None else None');
  });

  it('rejects a word that is neither yes nor no instead of taking it for no', async () => {
    const source = text(...Array.from({ length: 20 }, () => 'yes'), 'maybe');
    expect((await loaded(source, { type: 'boolean' })).at(-1)).toMatch(/KeyError: 'maybe'/);
  });

  it('keeps "NA" and "none" in a text column: they may be values', () => {
    expect(proposal(text('NA', 'DE', 'none'), { type: 'string' }).expression).toBeNull();
  });

  it("writes any value into an expression's quotes", () => {
    const samples = ["It's", 'back\\slash', 'tab\there', 'zero\u200bwidth'];
    const target = { type: 'string', samples: ['ITS!', 'BACKSLASH!', 'TABHERE!', 'ZEROWIDTH!'] };
    const { expression } = proposal(text(...samples), target);
    expect(() => checkExpression(expression ?? '')).not.toThrow();
    expect(expression).toContain("'It\\'s': 'ITS!'");
  });
});
