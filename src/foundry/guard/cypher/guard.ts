import type { Guard, GuardRequest } from '../../../domain/foundry/guard.ts';
import { assertParsable } from '../limits.ts';
import { judged, refuse } from '../verdict.ts';
import { printUnion, readUnion, type Union } from './clauses.ts';
import { createCursor, Unexpected } from './cursor.ts';
import { readExpression } from './expression.ts';
import { graphOf } from './graph.ts';
import type { Reading } from './reading.ts';
import { tokensOf } from './tokens.ts';

/** Judges a query for FalkorDB: every clause, pattern and expression is read, and what runs is printed from what was read. */
export const guardCypher: Guard = (request) => judged(() => judge(request));

function judge({ query, tables, tenantId, maxRows }: GuardRequest): { query: string; limited: boolean } {
  assertParsable(query);
  const cursor = createCursor(query, tokensOf(query));
  const reading: Reading = {
    cursor,
    graph: graphOf(tables, tenantId),
    expression: () => readExpression(reading),
    spent: { hops: 0, series: 1, apart: 0, variables: new Set(), depth: 0, parsing: 0 },
  };
  if (cursor.peek().kind === 'end') refuse('guard.unparsable', 'The query holds no statement.');
  const union = readUnion(reading);
  assertEnd(reading);
  return limitedTo(union, maxRows);
}

function assertEnd({ cursor }: Reading): void {
  const isSeparated = cursor.accept(';');
  if (cursor.peek().kind === 'end') return;
  if (isSeparated) refuse('guard.several_statements', 'The query holds several statements: send one.');
  throw new Unexpected(cursor.peek(), 'the end');
}

/** A union has no limit of its own in this dialect: it becomes a sub-query of a RETURN that has one. */
function limitedTo(union: Union, maxRows: number): { query: string; limited: boolean } {
  const [single, ...more] = union.singles;
  if (single && more.length === 0) {
    const { limit = Number.POSITIVE_INFINITY, withoutLimit } = single.returned;
    const query = [...single.before, `${withoutLimit} LIMIT ${Math.min(limit, maxRows)}`].join(' ');
    return { query, limited: limit > maxRows };
  }
  const columns = single?.returned.columns;
  if (columns === undefined)
    refuse('guard.construct_refused', 'Give every column of a UNION a name of its own with AS.');
  const names = columns.map((column) => `\`${column}\``).join(', ');
  return { query: `CALL {${printUnion(union)}} RETURN ${names} LIMIT ${maxRows}`, limited: true };
}
