import { type ParseResult, parseSync } from 'libpg-query';
import { deparseSync } from 'pgsql-deparser';
import { refuse } from '../verdict.ts';
import { isFields, type PgFields, type PgValue } from './tree.ts';

/** The statement as text. The text is parsed again and must give the very same tree: a fault of the printer cannot open a hole. */
export function printFaithfully(select: PgFields): string {
  const parsed: unknown = { version: 0, stmts: [{ stmt: { SelectStmt: select } }] };
  if (!isParseResult(parsed)) return refuseUnprintable();
  const text = deparseSync(parsed, { pretty: false });
  if (!isSameTree(statementsOf(text), [{ SelectStmt: select }])) return refuseUnprintable();
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

/** Whether two trees differ in nothing but where in their texts things stand. Written out: two copies and a comparison take five times as long. */
function isSameTree(a: PgValue | undefined, b: PgValue | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, at) => isSameTree(item, b[at]));
  return isFields(a) && isFields(b) && hasSameFields(a, b);
}

function hasSameFields(a: PgFields, b: PgFields): boolean {
  let fields = 0;
  for (const name in a) {
    if (PLACES.has(name)) continue;
    if (!Object.hasOwn(b, name) || !isSameTree(a[name], b[name])) return false;
    fields++;
  }
  for (const name in b) if (!PLACES.has(name)) fields--;
  return fields === 0;
}

function refuseUnprintable(): never {
  refuse('guard.construct_refused', 'The query has a part that cannot be written again: say it more simply.');
}
