import { refuse } from '../verdict.ts';
import { Unexpected } from './cursor.ts';
import { readPatterns } from './pattern.ts';
import { bareName, type Reading, readVariable } from './reading.ts';
import { type Returned, readReturned } from './returned.ts';

/** A query between UNIONs. */
export interface Single {
  /** All clauses before RETURN. */
  before: string[];
  returned: Returned;
}

export interface Union {
  singles: Single[];
  /** The words between them; all are the same. */
  word: 'UNION' | 'UNION ALL';
}

/** Clauses up to RETURN, any number of them joined by UNION. */
export function readUnion(reading: Reading): Union {
  const { cursor } = reading;
  const singles = [readSingle(reading)];
  const words: Union['word'][] = [];
  while (cursor.accept('UNION')) {
    words.push(cursor.accept('ALL') ? 'UNION ALL' : 'UNION');
    singles.push(readSingle(reading));
  }
  if (new Set(words).size > 1)
    refuse('guard.construct_refused', 'UNION and UNION ALL cannot both be used in one query.');
  return { singles, word: words[0] ?? 'UNION' };
}

export function printUnion({ singles, word }: Union): string {
  return singles.map(({ before, returned }) => [...before, returned.text].join(' ')).join(` ${word} `);
}

function readSingle(reading: Reading): Single {
  const before: string[] = [];
  for (;;) {
    if (reading.cursor.accept('RETURN')) {
      forget(reading);
      return { before, returned: readReturned(reading, 'RETURN') };
    }
    before.push(readClause(reading));
  }
}

function readClause(reading: Reading): string {
  const { cursor } = reading;
  if (cursor.accept('OPTIONAL', 'MATCH')) return `OPTIONAL ${readMatch(reading)}`;
  if (cursor.accept('MATCH')) return readMatch(reading);
  if (cursor.accept('UNWIND')) return readUnwind(reading);
  if (cursor.accept('WITH')) return readWith(reading);
  if (cursor.accept('CALL', '{')) return readSubquery(reading);
  return refuseClause(reading);
}

function readMatch(reading: Reading): string {
  return `MATCH ${readPatterns(reading)}${readWhere(reading)}`;
}

function readWhere({ cursor, expression }: Reading): string {
  return cursor.accept('WHERE') ? ` WHERE ${expression()}` : '';
}

function readUnwind(reading: Reading): string {
  const list = reading.expression();
  reading.cursor.expect('AS');
  const name = readVariable(reading);
  reading.spent.variables.add(bareName(name));
  return `UNWIND ${list} AS ${name}`;
}

function readWith(reading: Reading): string {
  const { text } = readReturned(reading, 'WITH');
  reading.spent.apart = 0;
  return `${text}${readWhere(reading)}`;
}

function readSubquery(reading: Reading): string {
  const inner = printUnion(readUnion(reading));
  reading.cursor.expect('}');
  return `CALL {${inner}}`;
}

function forget({ spent }: Reading): void {
  spent.apart = 0;
}

const WRITES = new Set('CREATE MERGE SET DELETE DETACH REMOVE DROP FOREACH LOAD ON'.split(' '));
const OUTSIDE = new Set('CYPHER EXPLAIN PROFILE USE START USING SHOW BEGIN COMMIT ROLLBACK'.split(' '));

function refuseClause({ cursor }: Reading): never {
  const token = cursor.peek();
  const word = token.kind === 'name' ? token.text.toUpperCase() : '';
  if (WRITES.has(word))
    refuse(
      'guard.not_read_only',
      `${word} is refused: only what is there is read, nothing written or loaded.`,
    );
  if (word === 'CALL')
    refuse('guard.function_refused', 'Procedures are not called here: match the pattern itself.');
  if (OUTSIDE.has(word)) refuse('guard.construct_refused', `${word} is not supported here.`);
  if (token.text === ';') refuse('guard.several_statements', 'The query holds several statements: send one.');
  throw new Unexpected(token, 'a clause such as MATCH, WITH or RETURN');
}
