import type { Node } from './ast.ts';
import { parseClauses } from './parse-atom.ts';
import { refuse } from './refusal.ts';
import type { Cursor } from './token-cursor.ts';

type Arguments = Pick<Extract<Node, { kind: 'call' }>, 'args' | 'named'>;

/** What stands between `(` and `)` of a call. */
export function parseCallArguments(cursor: Cursor): Arguments {
  const found: Arguments = { args: [], named: [] };
  while (!cursor.takeOp(')')) {
    readArgument(cursor, found);
    if (!cursor.takeOp(',') && !cursor.isOp(')')) throw cursor.unexpected();
  }
  return found;
}

function readArgument(cursor: Cursor, found: Arguments): void {
  const pos = cursor.peek().pos;
  if (cursor.takeOp('**')) {
    found.named.push({ name: null, value: cursor.expression() });
    return;
  }
  const value = cursor.takeOp('*') ? starred(cursor, pos) : cursor.assignable();
  if (cursor.takeOp('=')) {
    if (value.kind !== 'name') throw refuse('syntax', 'A named argument needs a name before "="', pos);
    found.named.push({ name: value.name, value: cursor.expression() });
    return;
  }
  const last = found.named.at(-1);
  if (last && (value.kind !== 'starred' || last.name === null))
    throw refuse('syntax', 'A positional argument follows a named one', pos);
  const clauses = parseClauses(cursor);
  if (clauses.length === 0) {
    found.args.push(value);
    return;
  }
  if (found.args.length > 0 || !cursor.isOp(')'))
    throw refuse('syntax', 'A generator needs its own brackets', pos);
  found.args.push({ kind: 'comprehension', of: 'generator', element: value, value: null, clauses, pos });
}

function starred(cursor: Cursor, pos: number): Node {
  return { kind: 'starred', value: cursor.expression(), pos };
}

/** What stands between `[` and `]` after a value: an index or a slice. */
export function parseSubscript(cursor: Cursor, object: Node): Node {
  const pos = cursor.peek().pos;
  const bound = () => (cursor.isOp(':') || cursor.isOp(']') ? null : cursor.expression());
  const first = bound();
  if (!cursor.isOp(':')) {
    if (first === null) throw cursor.unexpected();
    const index = indexTuple(cursor, first);
    cursor.expectOp(']');
    return { kind: 'index', object, index, pos };
  }
  cursor.takeOp(':');
  const to = bound();
  const step = cursor.takeOp(':') ? bound() : null;
  cursor.expectOp(']');
  return { kind: 'slice', object, from: first, to, step, pos };
}

/** `d[1, 2]` is `d[(1, 2)]`. */
function indexTuple(cursor: Cursor, first: Node): Node {
  if (!cursor.isOp(',')) return first;
  const items = [first];
  while (cursor.takeOp(',')) if (!cursor.isOp(']')) items.push(cursor.expression());
  return { kind: 'tuple', items, pos: first.pos };
}
