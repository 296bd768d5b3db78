import type { AppError } from '../../errors.ts';
import type { Node } from './ast.ts';
import { refuse } from './refusal.ts';
import type { Token } from './tokens.ts';

const MAX_DEPTH = 24;
const MAX_LINKS = 120;
const KEYWORDS = new Set(
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(
    ' ',
  ),
);
const REFUSED_KEYWORDS = new Set(['await', 'async', 'yield', 'import']);

/** The grammar's entries that its parts call each other by: passed along, so that no file imports another in a circle. */
export interface Grammar {
  conditional(cursor: Cursor): Node;
  /** What may stand in a comprehension after `in` and `if`: everything but a bare conditional. */
  disjunction(cursor: Cursor): Node;
  /** What may follow a star. */
  bitwiseOr(cursor: Cursor): Node;
  /** A whole expression inside another's text (an f-string field). */
  embedded(text: string, offset: number, depth: number): Node;
}

/** A reading position in the tokens of one expression; it also counts depth and chain links. */
export interface Cursor {
  readonly depth: number;
  peek(): Token;
  next(): Token;
  isOp(text: string): boolean;
  takeOp(text: string): boolean;
  expectOp(text: string): void;
  takeName(keyword: string): boolean;
  expectName(keyword: string): void;
  /** A name that is no keyword. */
  expectIdentifier(): string;
  /** A whole conditional expression or lambda, one level deeper. */
  expression(): Node;
  /** The same, or an assignment `name := expression`. */
  assignable(): Node;
  bitwiseOr(): Node;
  disjunction(): Node;
  embedded(text: string, offset: number): Node;
  nested<T>(read: () => T): T;
  /** One more operator, call, index or attribute in this expression. */
  countLink(): void;
  /** Whether the token just read is a comma. */
  followsComma(): boolean;
  unexpected(): AppError;
}

export function createCursor(tokens: Token[], grammar: Grammar, startDepth: number): Cursor {
  let at = 0;
  let depth = startDepth;
  let links = 0;
  const end: Token = tokens.at(-1) ?? { kind: 'end', text: '', pos: 0 };
  const peek = () => tokens[at] ?? end;
  const is = (kind: 'op' | 'name', text: string) => {
    const token = peek();
    return token.kind === kind && token.text === text;
  };
  const take = (kind: 'op' | 'name', text: string) => {
    const found = is(kind, text);
    if (found) at++;
    return found;
  };
  const expect = (kind: 'op' | 'name', text: string) => {
    if (!take(kind, text)) throw refuse('syntax', `Expected "${text}"`, peek().pos);
  };
  const cursor: Cursor = {
    get depth() {
      return depth;
    },
    peek,
    next: () => tokens[at++] ?? end,
    isOp: (text) => is('op', text),
    takeOp: (text) => take('op', text),
    expectOp: (text) => expect('op', text),
    takeName: (text) => take('name', text),
    expectName: (text) => expect('name', text),
    expectIdentifier() {
      const token = peek();
      if (token.kind !== 'name' || KEYWORDS.has(token.text)) throw cursor.unexpected();
      at++;
      return token.text;
    },
    expression: () => cursor.nested(() => grammar.conditional(cursor)),
    assignable: () => assignable(cursor, () => tokens[at + 1]),
    bitwiseOr: () => cursor.nested(() => grammar.bitwiseOr(cursor)),
    disjunction: () => cursor.nested(() => grammar.disjunction(cursor)),
    embedded: (text, offset) => grammar.embedded(text, offset, depth + 1),
    nested(read) {
      if (++depth > MAX_DEPTH) throw refuse('too_deep', `Nested deeper than ${MAX_DEPTH} levels`, peek().pos);
      const result = read();
      depth--;
      return result;
    },
    countLink() {
      if (++links > MAX_LINKS) throw refuse('too_deep', `More than ${MAX_LINKS} operations`, peek().pos);
    },
    followsComma() {
      const token = tokens[at - 1];
      return token?.kind === 'op' && token.text === ',';
    },
    unexpected: () => describeUnexpected(peek()),
  };
  return cursor;
}

function assignable(cursor: Cursor, following: () => Token | undefined): Node {
  const token = cursor.peek();
  const second = following();
  if (token.kind !== 'name' || second?.kind !== 'op' || second.text !== ':=') return cursor.expression();
  const name = cursor.expectIdentifier();
  cursor.next();
  return { kind: 'assign', name, value: cursor.expression(), pos: token.pos };
}

function describeUnexpected(token: Token): AppError {
  if (token.kind === 'end') return refuse('syntax', 'The expression ends too early', token.pos);
  if (token.kind === 'name' && REFUSED_KEYWORDS.has(token.text)) {
    return refuse('construct_not_supported', `"${token.text}"`, token.pos);
  }
  const shown = 'text' in token ? `"${token.text}"` : `a ${token.kind}`;
  return refuse('syntax', `Unexpected ${shown}; one expression is expected`, token.pos);
}
