import { refuse } from '../verdict.ts';
import { Unexpected } from './cursor.ts';
import { DEGREES, FUNCTIONS, PREDICATES } from './functions.ts';
import { readChain, readPathForm } from './pattern.ts';
import {
  bareName,
  type Reading,
  readList,
  readMap,
  readName,
  readVariable,
  spendParsing,
} from './reading.ts';
import { assertRange, assertReduction } from './series.ts';

const BINARY = [
  ...['OR', 'XOR', 'AND', '=', '<>', '<=', '>=', '<', '>', '+', '-', '*', '/', '%', '^', 'IN', 'CONTAINS'],
];

/** One expression. Its order of operations is the engine's: the words stay in their order, brackets where they were. */
export function readExpression(reading: Reading): string {
  const { spent } = reading;
  const outer = spent.depth;
  spent.depth = outer + 1;
  const parts: string[] = [];
  let operator: string | undefined;
  do {
    const prefixes = readPrefixes(reading);
    spendParsing(spent, spent.depth + prefixes.length);
    parts.push(`${prefixes.join('')}${readOperand(reading)}${readNullTests(reading)}`);
    operator = readOperator(reading);
    if (operator !== undefined) parts.push(operator);
  } while (operator !== undefined);
  spent.depth = outer;
  return parts.join(' ');
}

function readNullTests({ cursor }: Reading): string {
  let tests = '';
  while (cursor.accept('IS')) {
    tests += cursor.accept('NOT') ? ' IS NOT NULL' : ' IS NULL';
    cursor.expect('NULL');
  }
  return tests;
}

function readOperator({ cursor }: Reading): string | undefined {
  if (cursor.accept('STARTS', 'WITH')) return 'STARTS WITH';
  if (cursor.accept('ENDS', 'WITH')) return 'ENDS WITH';
  return BINARY.find((word) => cursor.accept(word));
}

/** A space after each but before a number: two minus signs must not become something else. */
function readPrefixes({ cursor }: Reading): string[] {
  const prefixes: string[] = [];
  for (;;) {
    if (cursor.accept('NOT')) prefixes.push('NOT ');
    else if (cursor.accept('-')) prefixes.push(cursor.peek().kind === 'number' ? '-' : '- ');
    else if (cursor.accept('+')) prefixes.push('+ ');
    else return prefixes;
  }
}

function readOperand(reading: Reading): string {
  const { cursor, graph } = reading;
  let text = readPrimary(reading);
  for (;;) {
    if (cursor.accept('.')) text += `.${readName(cursor)}`;
    else if (cursor.accept('[')) text += `[${readIndex(reading)}]`;
    else if (cursor.accept(':')) {
      const label = readName(cursor);
      graph.node(bareName(label));
      text += `:${label}`;
    } else return text;
  }
}

/** What stands between the brackets after a list: one place, or `from..to` with either end open. */
function readIndex(reading: Reading): string {
  const { cursor } = reading;
  const from = cursor.isNext('..') ? '' : readExpression(reading);
  const isSlice = cursor.accept('..');
  const to = isSlice && !cursor.isNext(']') ? readExpression(reading) : '';
  cursor.expect(']');
  return isSlice ? `${from}..${to}` : from;
}

function readPrimary(reading: Reading): string {
  const { cursor } = reading;
  const token = cursor.peek();
  switch (token.kind) {
    case 'number':
    case 'string':
      cursor.next();
      return token.text;
    case 'name':
      return readWord(reading);
    case 'quoted':
      return readProjected(reading, readVariable(reading));
    default:
      if (cursor.isNext('(')) return readBrackets(reading);
      if (cursor.accept('[')) return readListLiteral(reading);
      if (cursor.isNext('{')) return readMap(reading, new Map());
      throw new Unexpected(token, 'a value');
  }
}

/** `(...)` is a pattern where it can be one, as the engine reads it. */
function readBrackets(reading: Reading): string {
  const { cursor } = reading;
  const { depth } = reading.spent;
  const pattern = cursor.attempt(() => readChain(reading, [], { connected: true }));
  reading.spent.depth = depth;
  if (pattern !== undefined) return pattern;
  cursor.expect('(');
  const inner = readExpression(reading);
  cursor.expect(')');
  return `(${inner})`;
}

function readListLiteral(reading: Reading): string {
  const { cursor } = reading;
  if (cursor.accept(']')) return '[]';
  const first = readExpression(reading);
  const isComprehension = cursor.isNext('WHERE') || cursor.isNext('|');
  let text = first;
  if (cursor.accept('WHERE')) text += ` WHERE ${readExpression(reading)}`;
  if (cursor.accept('|')) text += ` | ${readExpression(reading)}`;
  while (!isComprehension && cursor.accept(',')) text += `, ${readExpression(reading)}`;
  cursor.expect(']');
  return `[${text}]`;
}

const CONSTANTS = ['TRUE', 'FALSE', 'NULL'];

function readWord(reading: Reading): string {
  const { cursor } = reading;
  const constant = CONSTANTS.find((word) => cursor.accept(word));
  if (constant !== undefined) return constant.toLowerCase();
  if (cursor.accept('CASE')) return readCase(reading);
  return readPathForm(reading) ?? readCall(reading) ?? readProjected(reading, readVariable(reading));
}

/** `n {.name, .*, total: 1}` after a variable. */
function readProjected(reading: Reading, variable: string): string {
  const { cursor } = reading;
  if (!cursor.accept('{')) return variable;
  const items = readList(reading, () => {
    if (cursor.accept('.')) return cursor.accept('*') ? '.*' : `.${readName(cursor)}`;
    const name = readName(cursor);
    return cursor.accept(':') ? `${name}: ${readExpression(reading)}` : name;
  });
  cursor.expect('}');
  return `${variable} {${items}}`;
}

function readCase(reading: Reading): string {
  const { cursor } = reading;
  let text = cursor.isNext('WHEN') ? 'CASE' : `CASE ${readExpression(reading)}`;
  do {
    cursor.expect('WHEN');
    text += ` WHEN ${readExpression(reading)}`;
    cursor.expect('THEN');
    text += ` THEN ${readExpression(reading)}`;
  } while (cursor.isNext('WHEN'));
  if (cursor.accept('ELSE')) text += ` ELSE ${readExpression(reading)}`;
  cursor.expect('END');
  return `${text} END`;
}

/** `name(...)` or `space.name(...)`; undefined where no call is next. */
function readCall(reading: Reading): string | undefined {
  const { cursor, graph } = reading;
  let words = 1;
  while (cursor.isNext('.', words) && cursor.peek(words + 1).kind === 'name') words += 2;
  if (!cursor.isNext('(', words)) return undefined;
  const name = Array.from({ length: words }, () => cursor.next().text).join('');
  const known = name.toLowerCase();
  cursor.expect('(');
  if (PREDICATES.has(known)) return `${name}(${readFiltered(reading)}`;
  if (known === 'reduce') return `${name}(${readReduction(reading)}`;
  if (!FUNCTIONS.has(known) || (graph.isShared && DEGREES.has(known)))
    refuse('guard.function_refused', `The function ${name} is not among those a query may use.`);
  return `${name}(${readArguments(reading, known)}`;
}

function readArguments(reading: Reading, known: string): string {
  const { cursor } = reading;
  if (cursor.accept(')')) return ')';
  if (known === 'count' && cursor.accept('*')) {
    cursor.expect(')');
    return '*)';
  }
  const distinct = cursor.accept('DISTINCT') ? 'DISTINCT ' : '';
  const values: string[] = [];
  do values.push(readExpression(reading));
  while (cursor.accept(','));
  cursor.expect(')');
  if (known === 'range') assertRange(values, reading.spent);
  return `${distinct}${values.join(', ')})`;
}

/** `x IN list WHERE condition)`: the word IN is read as any other operator. */
function readFiltered(reading: Reading): string {
  const { cursor } = reading;
  const list = readExpression(reading);
  cursor.expect('WHERE');
  const condition = readExpression(reading);
  cursor.expect(')');
  return `${list} WHERE ${condition})`;
}

/** `total = 0, x IN list | total + x)` */
function readReduction(reading: Reading): string {
  const { cursor } = reading;
  const total = readVariable(reading);
  cursor.expect('=');
  const start = readExpression(reading);
  cursor.expect(',');
  const list = readExpression(reading);
  cursor.expect('|');
  const first = cursor.peek();
  const step = readExpression(reading);
  assertReduction(bareName(total), cursor.textSince(first));
  cursor.expect(')');
  return `${total} = ${start}, ${list} | ${step})`;
}
