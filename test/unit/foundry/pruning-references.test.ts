import { expect, test } from 'vitest';
import type { CatalogTable } from '../../../src/domain/foundry/catalog.ts';
import { withConventions } from '../../../src/foundry/catalog/conventions.ts';

const table = (name: string, columns: string[], keys: string[][] = []): CatalogTable => ({
  name,
  kind: 'table',
  description: null,
  rowCount: null,
  columns: columns.map((column) => ({
    name: column,
    type: 'text',
    nullable: true,
    description: null,
    samples: [],
  })),
  keys,
  references: [],
  tenantColumn: null,
  timeColumn: null,
});
const referencesOf = (tables: CatalogTable[], name: string) =>
  withConventions(tables).find((one) => one.name === name)?.references;

test('a column named after one table refers to its id', () => {
  const tables = [table('a.orders', ['id', 'customer_id']), table('a.customers', ['id'])];
  expect(referencesOf(tables, 'a.orders')).toEqual([
    { columns: ['customer_id'], table: 'a.customers', to: ['id'] },
  ]);
  expect(referencesOf(tables, 'a.customers')).toEqual([]);
});

test('names in camel case and keys that are named in full refer, too', () => {
  const tables = [
    table('Order', ['orderId', 'salesRepId'], [['orderId']]),
    table('sales_reps', ['salesRepId'], [['salesRepId']]),
  ];
  expect(referencesOf(tables, 'Order')).toEqual([
    { columns: ['salesRepId'], table: 'sales_reps', to: ['salesRepId'] },
  ]);
});

test('of two tables of one name the one in the same namespace is meant, and of two others none', () => {
  const [here, there] = [table('a.deals', ['id']), table('b.deals', ['id'])];
  const tables = [here, there, table('a.notes', ['deal_id']), table('c.notes', ['deal_id'])];
  expect(referencesOf(tables, 'a.notes')).toEqual([{ columns: ['deal_id'], table: 'a.deals', to: ['id'] }]);
  expect(referencesOf(tables, 'c.notes')).toEqual([]);
});

test('a word that ends in id is no reference', () => {
  expect(referencesOf([table('bids', ['id', 'paid', 'valid']), table('pas', ['id'])], 'bids')).toEqual([]);
});

test('what a table is known to refer to is not guessed again', () => {
  const known = { columns: ['customer_id'], table: 'people', to: ['no'] };
  const tables = [{ ...table('orders', ['customer_id']), references: [known] }, table('customers', ['id'])];
  expect(referencesOf(tables, 'orders')).toEqual([known]);
});
