import { isDeepStrictEqual } from 'node:util';
import { type ParseResult, parseSync } from 'libpg-query';
import { deparseSync } from 'pgsql-deparser';
import { refuse } from '../verdict.ts';
import { isFields, type PgFields, type PgValue } from './tree.ts';

/** The statement as text. The text is parsed again and must give the very same tree: a fault of the printer cannot open a hole. */
export function printFaithfully(select: PgFields): string {
  const parsed: unknown = { version: 0, stmts: [{ stmt: { SelectStmt: select } }] };
  if (!isParseResult(parsed)) return refuseUnprintable();
  const text = deparseSync(parsed, { pretty: false });
  if (!isDeepStrictEqual(withoutPlaces(statementsOf(text)), withoutPlaces([{ SelectStmt: select }])))
    return refuseUnprintable();
  return text;
}

/** The statements of a text. Throws SqlError where it is no SQL. */
export function statementsOf(text: string): PgValue[] {
  const tree: unknown = parseSync(text);
  if (!hasStatements(tree)) return [];
  return tree.stmts.map((raw) => (isFields(raw) ? (raw['stmt'] ?? null) : null));
}

/** The parser's answer is JSON: its statements are plain values. */
function hasStatements(tree: unknown): tree is { stmts: PgValue[] } {
  return typeof tree === 'object' && tree !== null && 'stmts' in tree && Array.isArray(tree.stmts);
}

function isParseResult(tree: unknown): tree is ParseResult {
  return hasStatements(tree);
}

const PLACES = new Set(['location', 'rexpr_list_start', 'rexpr_list_end', 'list_start', 'list_end']);

function withoutPlaces(value: PgValue): PgValue {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (!isFields(value)) return value;
  const kept = Object.entries(value).filter(([name]) => !PLACES.has(name));
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutPlaces(inner)]));
}

function refuseUnprintable(): never {
  refuse('guard.construct_refused', 'The query has a part that cannot be written again: say it more simply.');
}
