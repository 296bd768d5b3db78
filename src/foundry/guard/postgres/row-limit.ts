import { refuse } from '../verdict.ts';
import { inside, integerOf, isFields, type PgFields, type PgValue, textOf } from './tree.ts';

/** The outermost select, with a limit of at most `maxRows` written into it. */
export function withRowLimit(select: PgFields, maxRows: number): { select: PgFields; limited: boolean } {
  const asked = askedRows(select['limitCount']);
  if (asked === 'computed') return { select: around(select, maxRows), limited: true };
  if (asked <= maxRows) return { select, limited: false };
  return { select: limitedTo(select, maxRows), limited: true };
}

/** LIMIT ALL and LIMIT NULL are no limit; a number too large for an integer is more than any. */
function askedRows(limit: PgValue | undefined): number | 'computed' {
  const constant = inside(limit, 'A_Const');
  if (limit === undefined || constant?.['isnull'] === true) return Number.POSITIVE_INFINITY;
  const rows = integerOf(limit);
  if (rows !== undefined && rows < 0) refuse('guard.construct_refused', 'LIMIT must not be negative.');
  if (rows !== undefined) return rows;
  const float = constant?.['fval'];
  const text = isFields(float) ? textOf(float['fval']) : undefined;
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : 'computed';
}

function limitedTo(select: PgFields, rows: number): PgFields {
  return {
    ...select,
    limitCount: { A_Const: { ival: rows === 0 ? {} : { ival: rows } } },
    limitOption: 'LIMIT_OPTION_COUNT',
  };
}

/** A limit that is computed stays, in a select around which is the guard's. */
function around(select: PgFields, maxRows: number): PgFields {
  const star = { ColumnRef: { fields: [{ A_Star: {} }] } };
  const answer = { RangeSubselect: { subquery: { SelectStmt: select }, alias: { aliasname: 'answer' } } };
  const outer = { targetList: [{ ResTarget: { val: star } }], fromClause: [answer], op: 'SETOP_NONE' };
  return limitedTo(outer, maxRows);
}
