import { describe, expect, it } from 'vitest';
import { reviewMessage } from '../../../src/domain/mapping.ts';
import { parseCanonical } from '../../../src/matching/canonical.ts';
import { readCanonicalSchemas } from '../../../src/services/mappings/canonical-schemas.ts';

function read(text: string): string[] {
  const faults: string[] = [];
  const onFault = ({ place, message }: { place: string; message: string }) =>
    void faults.push(`${place}: ${message}`);
  const schema = parseCanonical('dm.json', text, { expected: 'dm', onFault });
  expect(schema === null).toBe(faults.length > 0);
  return faults;
}

function file(columns: unknown[], schema = 'dm'): string {
  return JSON.stringify({ schema, description: 'd', tables: { deals: { description: 'd', columns } } });
}
const column = { name: 'id', type: 'string', description: 'd' };

describe('canonical schemas', () => {
  it('ship valid, each table with a key and described columns', () => {
    const schemas = readCanonicalSchemas();
    expect([...schemas.keys()]).toEqual(['dm', 'md', 'ci', 'pm']);
    for (const { tables } of schemas.values()) {
      for (const [name, { columns }] of Object.entries(tables)) {
        expect(
          columns.some(({ key }) => key),
          name,
        ).toBe(true);
      }
    }
    const deals = schemas.get('dm')?.tables['deals']?.columns.map(({ name }) => name);
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
    expect(read('{\n  "schema": "dm",\n  oops\n}')).toEqual([
      expect.stringMatching(/^dm\.json:3: this is no JSON: /),
    ]);
  });

  it.each([
    ['an unknown type', file([{ ...column, type: 'money' }]), 'tables.deals.columns.0.type'],
    ['a missing description', file([{ name: 'id', type: 'string' }]), 'tables.deals.columns.0.description'],
    ['a name that is none', file([{ ...column, name: 'Deal Name' }]), 'tables.deals.columns.0.name'],
    ['a column twice', file([column, column]), 'tables.deals.columns.1.name'],
    ['a word nobody knows', file([{ ...column, primary: true }]), 'tables.deals.columns.0.primary'],
    ['another schema than the file says', file([column], 'md'), 'schema'],
    ['a table that cannot be one', file([column]).replace('"deals"', '"my deals"'), 'tables.my deals'],
    ['a key that is there twice', file([column]).replace('{"schema"', '{"schema":"dm","schema"'), 'schema'],
    ['no table', '{"schema":"dm","description":"d","tables":{}}', 'tables'],
  ])('refuses %s with file, line and path', (_, text, path) => {
    expect(read(text)).toEqual([expect.stringContaining(`dm.json:1: ${path}: `)]);
  });

  it('names the line of everything that is wrong, in the order of the file', () => {
    const text = `{
  "schema": "dm",
  "tables": {
    "deals": {
      "description": "One row per deal",
      "columns": [
        { "name": "id", "type": "string", "description": "d" },
        {
          "name": "value",
          "type": "money",
          "descripton": "d"
        }
      ]
    },
    "people": { "description": "d", "columns": [] }
  }
}`;
    expect(read(text)).toEqual([
      expect.stringMatching(/^dm\.json:1: description: /),
      expect.stringMatching(/^dm\.json:8: tables\.deals\.columns\.1\.description: /),
      'dm.json:10: tables.deals.columns.1.type: is no column type',
      'dm.json:11: tables.deals.columns.1.descripton: is not known here',
      expect.stringMatching(/^dm\.json:15: tables\.people\.columns: /),
    ]);
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
