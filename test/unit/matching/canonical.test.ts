import { describe, expect, it } from 'vitest';
import { reviewMessage } from '../../../src/domain/mapping.ts';
import { parseCanonical } from '../../../src/matching/canonical.ts';
import { readCanonicalSchemas } from '../../../src/services/mappings/canonical-schemas.ts';

function file(columns: unknown[], schema = 'dm'): string {
  return JSON.stringify({ schema, description: 'd', tables: { deals: { description: 'd', columns } } });
}
const column = { name: 'id', type: 'string', description: 'd' };

describe('canonical schemas', () => {
  it('ship valid, each table with a key and described columns', () => {
    const schemas = readCanonicalSchemas();
    expect(schemas.map((schema) => schema.schema)).toEqual(['dm', 'md', 'ci', 'pm']);
    for (const { tables } of schemas) {
      for (const [name, { columns }] of Object.entries(tables)) {
        expect(
          columns.some(({ key }) => key),
          name,
        ).toBe(true);
      }
    }
    const deals = schemas[0]?.tables['deals']?.columns.map(({ name }) => name);
    expect(deals).toEqual(
      expect.arrayContaining([
        'external_id',
        'deal_value_usd',
        'close_date',
        'stage',
        'owner_crm_id',
        'created_at',
      ]),
    );
  });

  it('names file and line of text that is no JSON', () => {
    expect(() => parseCanonical('dm.json', '{\n  "schema": "dm",\n  oops\n}', 'dm')).toThrow(/^dm\.json:3: /);
  });

  it.each([
    ['an unknown type', file([{ ...column, type: 'money' }]), 'tables.deals.columns.0.type'],
    ['a missing description', file([{ name: 'id', type: 'string' }]), 'tables.deals.columns.0.description'],
    ['a name that is none', file([{ ...column, name: 'Deal Name' }]), 'tables.deals.columns.0.name'],
    ['a column twice', file([column, column]), 'tables.deals.columns.1.name'],
    ['a word nobody knows', file([{ ...column, primary: true }]), 'tables.deals.columns.0'],
    ['another schema than the file says', file([column], 'md'), 'schema'],
  ])('refuses %s with file and path', (_, text, path) => {
    expect(() => parseCanonical('dm.json', text, 'dm')).toThrow(`dm.json: ${path}`);
  });
});

describe('the message about reviews', () => {
  it('speaks of none, one and several', () => {
    expect([0, 1, 2].map(reviewMessage)).toEqual([
      'All mappings have confidence >= 0.7.',
      '1 mapping has confidence < 0.7 and should be reviewed.',
      '2 mappings have confidence < 0.7 and should be reviewed.',
    ]);
  });
});
