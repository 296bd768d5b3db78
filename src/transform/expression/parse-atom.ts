import type { Clause, ComprehensionKind, Node } from './ast.ts';
import { parseFormatParts } from './parse-fstring.ts';
import { refuse } from './refusal.ts';
import type { Cursor } from './token-cursor.ts';

/** A literal, a name, or something in brackets. */
export function parseAtom(cursor: Cursor): Node {
  const token = cursor.peek();
  switch (token.kind) {
    case 'int':
      cursor.next();
      return { kind: 'int', value: token.value, pos: token.pos };
    case 'float':
      cursor.next();
      return { kind: 'float', value: token.value, pos: token.pos };
    case 'string':
    case 'fstring':
      return parseStrings(cursor);
    case 'name':
      return parseName(cursor);
    case 'op':
      if (cursor.takeOp('(')) return parseParenthesis(cursor, token.pos);
      if (cursor.takeOp('[')) return parseList(cursor, token.pos);
      if (cursor.takeOp('{')) return parseBraces(cursor, token.pos);
      throw refusedOperator(cursor);
    case 'end':
      throw cursor.unexpected();
  }
}

/** `for ... in ... if ...` after an element that was just read. */
export function parseClauses(cursor: Cursor): Clause[] {
  const clauses: Clause[] = [];
  while (cursor.takeName('for')) clauses.push(parseClause(cursor));
  return clauses;
}

function parseClause(cursor: Cursor): Clause {
  const bracket = cursor.takeOp('(');
  const targets = [cursor.expectIdentifier()];
  let unpacks = false;
  while (cursor.takeOp(',')) {
    unpacks = true;
    const token = cursor.peek();
    if (token.kind === 'name' && token.text !== 'in') targets.push(cursor.expectIdentifier());
  }
  if (bracket) cursor.expectOp(')');
  cursor.expectName('in');
  const iterable = cursor.disjunction();
  const conditions: Node[] = [];
  while (cursor.takeName('if')) conditions.push(cursor.disjunction());
  return { targets, unpacks, iterable, conditions };
}

function parseName(cursor: Cursor): Node {
  const pos = cursor.peek().pos;
  if (cursor.takeName('None')) return { kind: 'none', pos };
  if (cursor.takeName('True')) return { kind: 'bool', value: true, pos };
  if (cursor.takeName('False')) return { kind: 'bool', value: false, pos };
  return { kind: 'name', name: cursor.expectIdentifier(), pos };
}

function parseStrings(cursor: Cursor): Node {
  const pos = cursor.peek().pos;
  const parts = [];
  for (
    let token = cursor.peek();
    token.kind === 'string' || token.kind === 'fstring';
    token = cursor.peek()
  ) {
    cursor.next();
    if (token.kind === 'string') parts.push(token.value);
    else parts.push(...parseFormatParts(token, cursor.embedded, cursor.depth));
  }
  const texts = parts.filter((part) => typeof part === 'string');
  if (texts.length === parts.length) return { kind: 'str', value: texts.join(''), pos };
  return { kind: 'fstring', parts, pos };
}

function parseParenthesis(cursor: Cursor, pos: number): Node {
  if (cursor.takeOp(')')) return { kind: 'tuple', items: [], pos };
  const first = cursor.expression();
  const clauses = parseClauses(cursor);
  if (clauses.length > 0) {
    cursor.expectOp(')');
    return comprehension('generator', first, null, clauses, pos);
  }
  if (cursor.takeOp(')')) return first;
  if (!cursor.isOp(',')) throw cursor.unexpected();
  return { kind: 'tuple', items: parseItems(cursor, [first], ')'), pos };
}

function parseList(cursor: Cursor, pos: number): Node {
  if (cursor.takeOp(']')) return { kind: 'list', items: [], pos };
  const first = cursor.expression();
  const clauses = parseClauses(cursor);
  if (clauses.length === 0) return { kind: 'list', items: parseItems(cursor, [first], ']'), pos };
  cursor.expectOp(']');
  return comprehension('list', first, null, clauses, pos);
}

function parseBraces(cursor: Cursor, pos: number): Node {
  if (cursor.takeOp('}')) return { kind: 'dict', entries: [], pos };
  const first = cursor.expression();
  const value = cursor.takeOp(':') ? cursor.expression() : null;
  const clauses = parseClauses(cursor);
  if (clauses.length > 0) {
    cursor.expectOp('}');
    return comprehension(value === null ? 'set' : 'dict', first, value, clauses, pos);
  }
  if (value === null) return { kind: 'set', items: parseItems(cursor, [first], '}'), pos };
  return { kind: 'dict', entries: parseEntries(cursor, [[first, value]]), pos };
}

function comprehension(
  of: ComprehensionKind,
  element: Node,
  value: Node | null,
  clauses: Clause[],
  pos: number,
): Node {
  return { kind: 'comprehension', of, element, value, clauses, pos };
}

function parseItems(cursor: Cursor, items: Node[], close: string): Node[] {
  while (cursor.takeOp(',')) {
    if (cursor.isOp(close)) break;
    items.push(cursor.expression());
  }
  cursor.expectOp(close);
  return items;
}

function parseEntries(cursor: Cursor, entries: [Node, Node][]): [Node, Node][] {
  while (cursor.takeOp(',')) {
    if (cursor.isOp('}')) break;
    const key = cursor.expression();
    cursor.expectOp(':');
    entries.push([key, cursor.expression()]);
  }
  cursor.expectOp('}');
  return entries;
}

function refusedOperator(cursor: Cursor) {
  const { pos } = cursor.peek();
  if (cursor.isOp('*') || cursor.isOp('**'))
    return refuse('construct_not_supported', 'Unpacking with * or **', pos);
  return cursor.unexpected();
}
