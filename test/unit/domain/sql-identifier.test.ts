import { expect, test } from 'vitest';
import { quoteIdentifier, quoteTable } from '../../../src/domain/sql-identifier.ts';

test('a quoted name cannot end its quotes', () => {
  expect(quoteIdentifier('a"; drop table x; --')).toBe('"a""; drop table x; --"');
  expect(quoteTable('a.b', 'c"d')).toBe('"a.b"."c""d"');
});

test.each(['', 'a\0b', 'ü'.repeat(32), 'x'.repeat(64), 'half \ud800'])('%j is no name', (name) => {
  expect(() => quoteIdentifier(name)).toThrow(expect.objectContaining({ code: 'identifier.invalid' }));
});
