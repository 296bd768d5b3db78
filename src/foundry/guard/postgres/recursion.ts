import { refuse } from '../verdict.ts';
import { type Found, fieldsOf, inside, isFields, listOf, type PgFields } from './tree.ts';

/**
 * WITH RECURSIVE is read when each recursive part has a condition that can end it (WHERE, or a join with ON or USING). Whether it does
 * end cannot be seen in a text: the engine's time limit stands behind.
 */
export function assertRecursionCanEnd(found: readonly Found[]): void {
  for (const { type, fields } of found) {
    if (type !== 'WithClause' || fields['recursive'] !== true) continue;
    for (const node of listOf(fields['ctes'])) {
      const select = inside(fieldsOf(inside(node, 'CommonTableExpr'))['ctequery'], 'SelectStmt');
      if (isFields(select?.['rarg']) && !hasCondition(select['rarg']))
        refuse(
          'guard.construct_refused',
          'The recursive part of WITH RECURSIVE needs a WHERE that ends it, such as a depth counted up.',
        );
    }
  }
}

function hasCondition(select: PgFields): boolean {
  if (select['whereClause'] !== undefined) return true;
  if (isFields(select['larg']) && isFields(select['rarg']))
    return hasCondition(select['larg']) && hasCondition(select['rarg']);
  return listOf(select['fromClause']).some((item) => {
    const join = inside(item, 'JoinExpr');
    return join !== undefined && (join['quals'] !== undefined || join['usingClause'] !== undefined);
  });
}
