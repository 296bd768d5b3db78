import { describe, expect, it } from 'vitest';
import type { FieldProfile } from '../../../src/domain/mapping.ts';
import { PATTERNS, proposeTransform } from '../../../src/matching/transforms.ts';
import { checkExpression } from '../../../src/transform/expression/check-expression.ts';

function proposal(source: FieldProfile & { name?: string }, target: FieldProfile) {
  return proposeTransform({ name: 'field', ...source }, { name: 'column', ...target }).expression;
}

describe('transforms', () => {
  it.each(Object.entries(PATTERNS))('the pattern %s is one the sandbox runs', (_, expression) => {
    expect(() => checkExpression(expression)).not.toThrow();
  });

  it.each<[string, FieldProfile & { name?: string }, FieldProfile, string | null]>([
    ['a date from text without samples', { type: 'string' }, { type: 'date' }, PATTERNS.isoDate],
    ['a date from timestamps', { samples: ['2026-03-28T12:00:00Z'] }, { type: 'date' }, PATTERNS.isoDate],
    ['nothing for dates that are dates', { samples: ['2026-03-28'] }, { type: 'date' }, null],
    ['nothing for dates that are not ISO', { samples: ['1/8/90 0:00'] }, { type: 'date' }, null],
    ['nothing for a timestamp column', { type: 'string' }, { type: 'timestamptz' }, null],
    ['cents by name', { name: 'amount_cents', type: 'integer' }, { type: 'decimal(18,2)' }, PATTERNS.cents],
    [
      'cents by description',
      { description: 'Amount in cents', samples: [1099] },
      { type: 'double' },
      PATTERNS.cents,
    ],
    [
      'nothing for an amount nobody calls cents',
      { name: 'Amount', type: 'number' },
      { type: 'double' },
      null,
    ],
    ['nothing for a percent called "percentage"', { name: 'percent_cent' }, { type: 'string' }, null],
    ['nothing for fractions called cents', { name: 'cents', samples: ['1.5'] }, { type: 'double' }, null],
    ['percent strings', { samples: ['45%', '7.5 %'] }, { type: 'double' }, PATTERNS.percent],
    ['thousands', { samples: ['1,200.50', '30'] }, { type: 'double' }, PATTERNS.thousands],
    ['yes and no', { samples: ['yes', 'No'] }, { type: 'boolean' }, PATTERNS.boolean],
    [
      'upper case',
      { type: 'string', samples: ['usd'] },
      { type: 'string', samples: ['USD', 'EUR'] },
      PATTERNS.upper,
    ],
    ['nothing for upper case', { samples: ['USD'] }, { type: 'string', samples: ['USD', 'EUR'] }, null],
    ['trimming', { samples: [' a', 'b'] }, { type: 'string' }, PATTERNS.trim],
    ['nothing for epochs', { samples: [1679090539] }, { type: 'timestamptz' }, null],
  ])('proposes %s', (_, source, target, expected) => {
    expect(proposal(source, target)).toBe(expected);
  });

  it('says what an epoch needs', () => {
    const { note } = proposeTransform(
      { name: 'created', samples: [1679090539123] },
      { name: 'created_at', type: 'timestamptz' },
    );
    expect(note).toContain('milliseconds');
  });
});
