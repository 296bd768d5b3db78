import { expect, test } from 'vitest';
import { createTableWatch } from '../../../src/singer/shared-tables.ts';

function lookAt(...streams: string[]): void {
  const watch = createTableWatch();
  for (const stream of streams) watch(JSON.stringify({ type: 'SCHEMA', stream, schema: {} }));
}

test.each([
  ['two schemas', 'public-sm', 'app-sm'],
  ['a schema and none', 'sm', 'app-sm'],
  ['more parts', 'db-public-sm', 'public-sm'],
  ['names that Postgres cuts', `a-${'é'.repeat(32)}`, `a-${'é'.repeat(31)}è`],
])('streams of one table are told: %s', (_, first, second) => {
  expect(() => lookAt(first, 'public-other', second)).toThrow(
    expect.objectContaining({ code: 'loader.table_collision' }),
  );
});

test.each([
  ['another case of the letters', ['public-sm', 'public-SM']],
  ['an underscore', ['app_sm', 'sm']],
  ['a schema that is said again', ['public-sm', 'public-other', 'public-sm']],
])('streams of tables of their own pass: %s', (_, streams) => {
  expect(() => lookAt(...streams)).not.toThrow();
});

test('only SCHEMA messages name tables', () => {
  const watch = createTableWatch();
  watch('{"type": "SCHEMA", "stream": "public-sm", "schema": {}}');
  for (const line of [
    '{"type": "RECORD", "stream": "app-sm", "record": {"type": "SCHEMA"}}',
    '{"stream": "app-sm", "type": "RECORD", "record": {"type": "SCHEMA"}}',
    '"SCHEMA"',
    '{"type": "SCHEMA", "stream": "app-',
  ])
    expect(() => watch(line)).not.toThrow();
});
