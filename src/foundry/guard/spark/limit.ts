import { type Branch, isBranch, listed, under } from '../branch.ts';
import { refuse } from '../verdict.ts';
import type { SparkParser } from './parser.ts';
import { expression, isAbsent, wholeNumber } from './tree.ts';

/** Sees to it that a statement answers at most `maxRows` rows. `limited`: the limit is not the query's own. */
export function limitRows(
  parser: SparkParser,
  statement: Branch,
  maxRows: number,
): { statement: Branch; limited: boolean } {
  const own = limitOf(statement);
  if (own !== null && own <= maxRows) return { statement, limited: false };
  const node = expression(statement);
  if (node === null || node.kind === 'values' || (own === null && endsInValue(statement)))
    return { statement: selected(parser, statement, maxRows), limited: true };
  const literal = { literal: { literal_type: 'number', value: String(maxRows) } };
  node.content['limit'] = node.kind === 'select' || node.kind === 'subquery' ? { this: literal } : literal;
  return { statement, limited: true };
}

/** A value without a name, and nothing behind it: the parser would take LIMIT for its name. */
function endsInValue(statement: Branch): boolean {
  const node = expression(statement);
  if (node === null || !isAbsent(node.content['order_by'])) return false;
  const right = node.content['right'];
  return isBranch(right) ? endsInValue(right) : node.kind === 'select' && isAbsent(node.content['from']);
}

/** The limit at the end of a statement; null: none. */
export function limitOf(statement: Branch): number | null {
  const limit = expression(statement)?.content['limit'];
  if (isAbsent(limit)) return null;
  const count = isBranch(limit) && 'this' in limit ? limit['this'] : limit;
  const rows = wholeNumber(count);
  if (rows === null || rows < 0)
    return refuse('guard.construct_refused', 'LIMIT takes a number, written out.');
  return rows;
}

/** For what takes no limit of its own. */
function selected(parser: SparkParser, query: Branch, maxRows: number): Branch {
  const statement = parser.parse(`SELECT * FROM (SELECT 1) AS answer LIMIT ${maxRows}`);
  const [source] = listed(under(under(statement, 'select'), 'from'), 'expressions');
  if (source) under(source, 'subquery')['this'] = query;
  return statement;
}
