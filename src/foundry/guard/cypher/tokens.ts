import { refuse } from '../verdict.ts';

/** quoted: a name in backticks, `text` without them. string: as it was written, quotes and escapes included. */
export interface Token {
  kind: 'name' | 'quoted' | 'string' | 'number' | 'symbol' | 'end';
  text: string;
  /** Where it begins and ends in the query. */
  start: number;
  end: number;
}

const SKIPPED = /(?:[ \t\r\n]+|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)+/y;
const KINDS: [Token['kind'], RegExp][] = [
  ['name', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['number', /(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)(?![A-Za-z0-9_])/y],
  ['string', /'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"/y],
  ['quoted', /`[^`\p{Cc}]+`(?!`)/uy],
  ['symbol', /\.\.|<>|<=|>=|=~|[-+*/%^=<>()[\]{},.:;|]/y],
];

/** The words of a query; comments are dropped. Outside of quotes only ASCII is read: no letter can look like another. */
export function tokensOf(query: string): Token[] {
  const tokens: Token[] = [];
  let at = skip(query, 0);
  while (at < query.length) {
    const token = tokenAt(query, at);
    tokens.push(token);
    at = skip(query, token.end);
  }
  tokens.push({ kind: 'end', text: '', start: at, end: at });
  return tokens;
}

function skip(query: string, at: number): number {
  SKIPPED.lastIndex = at;
  return SKIPPED.test(query) ? SKIPPED.lastIndex : at;
}

function tokenAt(query: string, start: number): Token {
  for (const [kind, pattern] of KINDS) {
    pattern.lastIndex = start;
    const text = pattern.exec(query)?.[0];
    if (text === undefined) continue;
    return { kind, text: kind === 'quoted' ? text.slice(1, -1) : text, start, end: start + text.length };
  }
  return refuseCharacter(query.slice(start, start + 2));
}

function refuseCharacter(text: string): never {
  if (text.startsWith('$'))
    refuse('guard.construct_refused', 'Parameters are not supported: write the value itself.');
  if (text.startsWith("'") || text.startsWith('"') || text.startsWith('`'))
    refuse('guard.unparsable', 'A quote is not closed.');
  if (text === '/*') refuse('guard.unparsable', 'A comment is not closed.');
  refuse('guard.unparsable', 'The query has a character that Cypher does not have outside of quotes.');
}
