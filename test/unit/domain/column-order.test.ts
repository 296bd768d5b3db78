import { expect, it } from 'vitest';
import { inColumnOrder } from '../../../src/domain/column-order.ts';

const columns = ['id', 'name', 'amount'].map((name) => ({ name, type: 'string', description: name }));
const schemas = new Map([
  ['dm', { schema: 'dm', description: '', tables: { deals: { description: '', columns } } }],
]);

function mapping(sourceField: string, targetColumn: string, targetSchema = 'dm') {
  return { sourceStream: 's', sourceField, targetSchema, targetTable: 'deals', targetColumn };
}

const columnsOf = (mappings: { targetColumn: string }[]) => mappings.map(({ targetColumn }) => targetColumn);

it('orders as the canonical table does, what it does not know last', () => {
  const mappings = [mapping('z', 'zeta'), mapping('a', 'amount'), mapping('b', 'name'), mapping('c', 'id')];
  expect(columnsOf(inColumnOrder(mappings, schemas, []))).toEqual(['id', 'name', 'amount', 'zeta']);
  expect(columnsOf(inColumnOrder(mappings.toReversed(), schemas, []))).toEqual([
    'id',
    'name',
    'amount',
    'zeta',
  ]);
});

it('orders as the definition of the request does, before the canonical table', () => {
  const request = {
    ...{ sourceStream: 's', targetTable: 'deals', sourceSchema: { a: 'string', b: 'string', c: 'string' } },
    targetSchemaDef: { name: 'string', amount: 'string', id: 'string' },
  };
  const mappings = [mapping('a', 'amount'), mapping('b', 'name'), mapping('c', 'id')];
  expect(columnsOf(inColumnOrder(mappings, schemas, [request]))).toEqual(['name', 'amount', 'id']);
});

it("orders as the source's fields where nothing tells the table's columns", () => {
  const request = { sourceStream: 's', targetTable: 'deals', sourceSchema: { c: 'x', a: 'x', b: 'x' } };
  const mappings = [mapping('a', 'one', 'gone'), mapping('b', 'two', 'gone'), mapping('c', 'three', 'gone')];
  expect(columnsOf(inColumnOrder(mappings, schemas, [request]))).toEqual(['three', 'one', 'two']);
});
