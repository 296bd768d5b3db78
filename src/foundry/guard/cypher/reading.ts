import { refuse } from '../verdict.ts';
import { type Cursor, Unexpected } from './cursor.ts';
import { RESERVED } from './functions.ts';
import type { Graph } from './graph.ts';

/** What all parts of one reading share. Each part reads its words, refuses what it must not hold, and answers them as they are to run. */
export interface Reading {
  cursor: Cursor;
  graph: Graph;
  /** Reads one expression: patterns hold expressions and expressions hold patterns. */
  expression(): string;
  spent: Spent;
}

/** What the whole query asks for so far. */
export interface Spent {
  hops: number;
  series: number;
  /** Patterns that have nothing in common with those before them since the last WITH. */
  apart: number;
  variables: Set<string>;
  /** How deep the expression that is read now lies in others. */
  depth: number;
  parsing: number;
}

const MAX_PARSING = 2 ** 13;

/** FalkorDB's parser takes twice as long for each level an expression is nested, before any of its time limits counts. */
export function spendParsing(spent: Spent, depth: number): void {
  spent.parsing += 2 ** depth;
  if (spent.parsing > MAX_PARSING)
    refuse('guard.too_deep', 'Expressions lie too deep in each other: name parts of them with WITH.');
}

/** A variable's or column's name, as it is printed. */
export function readVariable({ cursor }: Reading): string {
  const token = cursor.peek();
  if (token.kind === 'name' && RESERVED.has(token.text.toUpperCase()))
    throw new Unexpected(token, 'a name (a reserved word goes in backticks)');
  return readName(cursor);
}

/** A label, type or property: any word will do. */
export function readName(cursor: Cursor): string {
  const token = cursor.peek();
  if (token.kind !== 'name' && token.kind !== 'quoted') throw new Unexpected(token, 'a name');
  cursor.next();
  return token.kind === 'quoted' ? `\`${token.text}\`` : token.text;
}

export function bareName(printed: string): string {
  return printed.startsWith('`') ? printed.slice(1, -1) : printed;
}

/** `{a: 1, b: 2}`; `added` stands in front and is nobody's to write. */
export function readMap({ cursor, expression }: Reading, added: ReadonlyMap<string, string>): string {
  const entries = [...added].map(([name, value]) => `\`${name}\`: ${value}`);
  if (cursor.accept('{') && !cursor.accept('}')) {
    do entries.push(readEntry());
    while (cursor.accept(','));
    cursor.expect('}');
  }
  return `{${entries.join(', ')}}`;

  function readEntry(): string {
    const name = readName(cursor);
    if (added.has(bareName(name)))
      refuse('guard.construct_refused', `The property ${bareName(name)} is set already: leave it out.`);
    cursor.expect(':');
    return `${name}: ${expression()}`;
  }
}

export function readList(reading: Reading, item: () => string): string {
  const items = [item()];
  while (reading.cursor.accept(',')) items.push(item());
  return items.join(', ');
}
