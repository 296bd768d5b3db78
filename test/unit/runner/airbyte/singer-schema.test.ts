import { expect, test } from 'vitest';
import { singerProperties } from '../../../../src/adapters/runner/airbyte/singer-schema.ts';
import { columnType } from '../../../../src/singer/column-type.ts';

const TIMESTAMP = 'timestamp without time zone';

test.each([
  [{ type: 'string' }, 'text'],
  [{ type: ['null', 'string'] }, 'text'],
  [{ type: 'boolean' }, 'boolean'],
  [{ type: 'integer' }, 'bigint'],
  [{ type: 'number', airbyte_type: 'integer' }, 'bigint'],
  [{ type: 'number' }, 'numeric'],
  [{ type: ['number', 'integer'] }, 'numeric'],
  [{ type: 'string', airbyte_type: 'big_integer' }, 'numeric'],
  [{ type: 'string', airbyte_type: 'big_number' }, 'numeric'],
  [{ type: 'string', format: 'date' }, 'date'],
  [{ type: 'string', format: 'date-time' }, TIMESTAMP],
  [{ type: 'string', format: 'date-time', airbyte_type: 'timestamp_with_timezone' }, TIMESTAMP],
  [{ type: 'string', format: 'date-time', airbyte_type: 'timestamp_without_timezone' }, TIMESTAMP],
  [{ type: 'string', format: 'time', airbyte_type: 'time_without_timezone' }, 'time without time zone'],
  [{ type: 'string', format: 'time', airbyte_type: 'time_with_timezone' }, 'text'],
  [{ type: 'string', format: 'email' }, 'text'],
  [{ type: 'object', properties: { a: { type: 'string' } } }, 'jsonb'],
  [{ type: 'array', items: { type: 'string' } }, 'jsonb'],
  [{ oneOf: [{ type: 'string' }, { type: 'integer' }] }, 'text'],
  [{ anyOf: [{ type: 'null' }, { type: 'string', format: 'date-time' }] }, TIMESTAMP],
  [{ anyOf: [{ type: 'object' }, { type: 'string' }] }, 'jsonb'],
  [{ type: ['string', 'object'] }, 'jsonb'],
  [{}, 'text'],
  [true, 'text'],
])('a field of type %j is staged as %s', (schema, type) => {
  const { field } = singerProperties({ properties: { field: schema } }, []);
  expect(columnType(field)).toBe(type);
  expect(field?.type).toContain('null');
});

test('a key is never null, and nothing but its type is asked of a value', () => {
  const schema = {
    properties: { id: { type: ['null', 'integer'], minimum: 1 }, name: { type: 'string', enum: ['a'] } },
    required: ['name'],
    additionalProperties: false,
  };
  expect(singerProperties(schema, ['id'])).toEqual({
    id: { type: ['integer'] },
    name: { type: ['string', 'null'] },
  });
  expect(singerProperties(undefined, [])).toEqual({});
});
