import type { Clause, ComprehensionKind, Node, Target } from './ast.ts';
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
    case 'bytes':
      return parseBytes(cursor);
    case 'name':
      return parseName(cursor);
    case 'op':
      if (cursor.takeOp('(')) return parseParenthesis(cursor, token.pos);
      if (cursor.takeOp('[')) return parseList(cursor, token.pos);
      if (cursor.takeOp('{')) return parseBraces(cursor, token.pos);
      throw cursor.unexpected();
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
  const target = parseTargets(cursor, () => isWord(cursor, 'in'));
  cursor.expectName('in');
  const iterable = cursor.disjunction();
  const conditions: Node[] = [];
  while (cursor.takeName('if')) conditions.push(cursor.disjunction());
  return { target, iterable, conditions };
}

function isWord(cursor: Cursor, text: string): boolean {
  const token = cursor.peek();
  return token.kind === 'name' && token.text === text;
}

/** `a`, `a, b`, `(a, *b), c`: one name, or several to unpack into. */
function parseTargets(cursor: Cursor, ends: () => boolean): Target {
  const items: Target[] = [];
  let starred: number | null = null;
  let unpacks = false;
  do {
    if (unpacks && ends()) break;
    if (cursor.takeOp('*')) {
      if (starred !== null) throw refuse('syntax', 'Two starred names in one target', cursor.peek().pos);
      starred = items.length;
    }
    items.push(parseTarget(cursor));
    unpacks = true;
  } while (cursor.takeOp(',') && unpacks);
  return unwrapped(cursor, items, starred);
}

function unwrapped(cursor: Cursor, items: Target[], starred: number | null): Target {
  const [only] = items;
  if (items.length > 1 || only === undefined || cursor.followsComma()) return { items, starred };
  if (starred !== null) throw refuse('syntax', 'A starred name stands in a list of names', cursor.peek().pos);
  return only;
}

function parseTarget(cursor: Cursor): Target {
  const close = cursor.takeOp('(') ? ')' : cursor.takeOp('[') ? ']' : null;
  if (close === null) return cursor.expectIdentifier();
  const target = cursor.nested(() => parseTargets(cursor, () => cursor.isOp(close)));
  cursor.expectOp(close);
  return target;
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

function parseBytes(cursor: Cursor): Node {
  const pos = cursor.peek().pos;
  const parts: Uint8Array[] = [];
  for (let token = cursor.peek(); token.kind === 'bytes'; token = cursor.peek()) {
    cursor.next();
    parts.push(token.value);
  }
  const next = cursor.peek();
  if (next.kind === 'string' || next.kind === 'fstring')
    throw refuse('syntax', 'Bytes next to text', next.pos);
  return { kind: 'bytes', value: Uint8Array.from(Buffer.concat(parts)), pos };
}

/** An element of a list, tuple, set or call: an expression, an assignment, or a starred value. */
export function parseItem(cursor: Cursor): Node {
  const pos = cursor.peek().pos;
  if (cursor.takeOp('*')) return { kind: 'starred', value: cursor.bitwiseOr(), pos };
  return cursor.assignable();
}

function parseParenthesis(cursor: Cursor, pos: number): Node {
  if (cursor.takeOp(')')) return { kind: 'tuple', items: [], pos };
  const first = parseItem(cursor);
  const clauses = parseClauses(cursor);
  if (clauses.length > 0 && first.kind !== 'starred') {
    cursor.expectOp(')');
    return comprehension('generator', first, null, clauses, pos);
  }
  if (first.kind !== 'starred' && cursor.takeOp(')')) return first;
  if (!cursor.isOp(',')) throw cursor.unexpected();
  return { kind: 'tuple', items: parseItems(cursor, [first], ')'), pos };
}

function parseList(cursor: Cursor, pos: number): Node {
  if (cursor.takeOp(']')) return { kind: 'list', items: [], pos };
  const first = parseItem(cursor);
  const clauses = parseClauses(cursor);
  if (clauses.length === 0) return { kind: 'list', items: parseItems(cursor, [first], ']'), pos };
  cursor.expectOp(']');
  return comprehension('list', first, null, clauses, pos);
}

function parseBraces(cursor: Cursor, pos: number): Node {
  if (cursor.takeOp('}')) return { kind: 'dict', entries: [], pos };
  if (cursor.takeOp('**'))
    return { kind: 'dict', entries: parseEntries(cursor, [[null, cursor.bitwiseOr()]]), pos };
  const first = parseItem(cursor);
  const value = first.kind !== 'starred' && cursor.takeOp(':') ? cursor.expression() : null;
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
    items.push(parseItem(cursor));
  }
  cursor.expectOp(close);
  return items;
}

function parseEntries(cursor: Cursor, entries: [Node | null, Node][]): [Node | null, Node][] {
  while (cursor.takeOp(',')) {
    if (cursor.isOp('}')) break;
    if (cursor.takeOp('**')) {
      entries.push([null, cursor.bitwiseOr()]);
      continue;
    }
    const key = cursor.expression();
    cursor.expectOp(':');
    entries.push([key, cursor.expression()]);
  }
  cursor.expectOp('}');
  return entries;
}
