import { type Branch, listed } from '../branch.ts';
import { wholeNumber } from './tree.ts';

/**
 * Sees to it that a statement answers at most `maxRows` rows. `limited`: the limit is not the query's own. QuestDB's LIMIT also takes the last
 * rows (-n) and a range (lo, hi).
 */
export function limitRows(statement: Branch, maxRows: number): { statement: Branch; limited: boolean } {
  const isSet = listed(statement, 'setOperations').length > 0;
  const rows = isSet ? null : rowsOf(statement['limit']);
  if (rows !== null && rows <= maxRows) return { statement, limited: false };
  const outer = { type: 'limit', lowerBound: literal(maxRows) };
  if (!isSet && statement['limit'] === undefined)
    return { statement: { ...statement, limit: outer }, limited: true };
  const from = [{ type: 'tableRef', table: statement }];
  return {
    statement: { type: 'select', columns: [{ type: 'star' }], from, limit: outer },
    limited: true,
  };
}

/** The most rows a LIMIT lets through; null: no LIMIT, or that cannot be said. */
export function rowsOf(limit: unknown): number | null {
  if (typeof limit !== 'object' || limit === null || !('lowerBound' in limit)) return null;
  const lower = wholeNumber(limit.lowerBound);
  if (lower === null) return null;
  const upperBound = 'upperBound' in limit ? limit.upperBound : undefined;
  if (upperBound === undefined) return Math.abs(lower);
  const upper = wholeNumber(upperBound);
  return upper === null || lower < 0 !== upper < 0 ? null : Math.abs(upper - lower);
}

function literal(value: number): Branch {
  return { type: 'literal', value, literalType: 'number', raw: String(value) };
}
