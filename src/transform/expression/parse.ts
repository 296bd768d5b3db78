import type { BinaryOp, CompareOp, Node, UnaryOp } from './ast.ts';
import { parseAtom, parseItem } from './parse-atom.ts';
import { parseLambda } from './parse-lambda.ts';
import { parseCallArguments, parseSubscript } from './parse-trailer.ts';
import { type Cursor, createCursor, type Grammar } from './token-cursor.ts';
import { tokenize } from './tokens.ts';

const BINARY_LEVELS: readonly (readonly BinaryOp[])[] = [
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '//', '%'],
];
const COMPARISONS: readonly CompareOp[] = ['<', '<=', '>', '>=', '==', '!='];

const GRAMMAR: Grammar = {
  conditional: parseConditional,
  disjunction: (cursor) => parseLogical(cursor, 'or'),
  bitwiseOr: (cursor) => parseBinary(cursor, 0),
  embedded: parseExpression,
};

/**
 * Python's grammar of one expression, without await and yield.
 * Depth and length of every chain are bounded here, so nothing after it can run out of stack. Throws InvalidError `expression.*`.
 */
export function parseExpression(text: string, offset = 0, depth = 0): Node {
  const cursor = createCursor(tokenize(text, offset), GRAMMAR, depth);
  const node = parseTopLevel(cursor);
  const rest = cursor.peek();
  if (rest.kind !== 'end') throw cursor.unexpected();
  return node;
}

function parseTopLevel(cursor: Cursor): Node {
  const first = parseItem(cursor);
  if (!cursor.isOp(',')) {
    if (first.kind === 'starred') throw cursor.unexpected();
    return first;
  }
  const items = [first];
  while (cursor.takeOp(',')) {
    if (cursor.peek().kind === 'end') break;
    items.push(parseItem(cursor));
  }
  return { kind: 'tuple', items, pos: first.pos };
}

function parseConditional(cursor: Cursor): Node {
  const pos = cursor.peek().pos;
  if (cursor.takeName('lambda')) return parseLambda(cursor, pos);
  const then = parseLogical(cursor, 'or');
  if (!cursor.takeName('if')) return then;
  const test = parseLogical(cursor, 'or');
  cursor.expectName('else');
  return { kind: 'conditional', test, then, otherwise: cursor.expression(), pos: then.pos };
}

function parseLogical(cursor: Cursor, op: 'or' | 'and'): Node {
  const next = op === 'or' ? () => parseLogical(cursor, 'and') : () => parseNot(cursor);
  const first = next();
  const operands = [first];
  while (cursor.takeName(op)) operands.push(next());
  return operands.length === 1 ? first : { kind: 'logical', op, operands, pos: first.pos };
}

function parseNot(cursor: Cursor): Node {
  const pos = cursor.peek().pos;
  if (!cursor.takeName('not')) return parseComparison(cursor);
  return cursor.nested(() => ({ kind: 'unary', op: 'not', operand: parseNot(cursor), pos }));
}

function parseComparison(cursor: Cursor): Node {
  const first = parseBinary(cursor, 0);
  const rest: { op: CompareOp; operand: Node }[] = [];
  for (let op = takeComparison(cursor); op !== null; op = takeComparison(cursor)) {
    rest.push({ op, operand: parseBinary(cursor, 0) });
  }
  return rest.length === 0 ? first : { kind: 'compare', first, rest, pos: first.pos };
}

function takeComparison(cursor: Cursor): CompareOp | null {
  if (cursor.takeName('in')) return 'in';
  if (cursor.takeName('is')) return cursor.takeName('not') ? 'is not' : 'is';
  if (cursor.takeName('not')) {
    cursor.expectName('in');
    return 'not in';
  }
  return COMPARISONS.find((op) => cursor.takeOp(op)) ?? null;
}

function parseBinary(cursor: Cursor, level: number): Node {
  const ops = BINARY_LEVELS[level];
  if (!ops) return parseUnary(cursor);
  let left = parseBinary(cursor, level + 1);
  for (let op = takeOneOf(cursor, ops); op !== undefined; op = takeOneOf(cursor, ops)) {
    cursor.countLink();
    left = { kind: 'binary', op, left, right: parseBinary(cursor, level + 1), pos: left.pos };
  }
  return left;
}

function parseUnary(cursor: Cursor): Node {
  const pos = cursor.peek().pos;
  const op = takeOneOf<UnaryOp>(cursor, ['-', '+', '~']);
  if (op === undefined) return parsePower(cursor);
  return cursor.nested(() => ({ kind: 'unary', op, operand: parseUnary(cursor), pos }));
}

function parsePower(cursor: Cursor): Node {
  const left = parsePrimary(cursor);
  if (!cursor.takeOp('**')) return left;
  return cursor.nested(() => ({ kind: 'binary', op: '**', left, right: parseUnary(cursor), pos: left.pos }));
}

function parsePrimary(cursor: Cursor): Node {
  let node = parseAtom(cursor);
  for (;;) {
    const trailer = cursor.peek();
    if (cursor.takeOp('.'))
      node = { kind: 'attribute', object: node, name: cursor.expectIdentifier(), pos: trailer.pos };
    else if (cursor.takeOp('('))
      node = { ...parseCallArguments(cursor), kind: 'call', callee: node, pos: node.pos };
    else if (cursor.takeOp('[')) node = parseSubscript(cursor, node);
    else return node;
    cursor.countLink();
  }
}

function takeOneOf<Op extends string>(cursor: Cursor, ops: readonly Op[]): Op | undefined {
  return ops.find((op) => cursor.takeOp(op));
}
