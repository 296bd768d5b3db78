import { refuse } from '../verdict.ts';
import { FUNCTIONS, IMPLIED_NAMES, TYPES } from './functions.ts';
import type { Qualifiers } from './relations.ts';
import type { OwnTable } from './tables.ts';
import { type Found, fieldsOf, listOf, stringsOf, textOf } from './tree.ts';

/**
 * Refuses `a.b` unless b is a column of a: Postgres reads it as the call b(a) when there is no such column, so that any function of one
 * argument could be reached without a call to be seen. A name that stands alone must be one that the query or a table of it gives.
 */
export function assertKnownColumns(
  found: readonly Found[],
  qualifiers: Qualifiers,
  own: readonly OwnTable[],
): void {
  const declared = declaredNames(found, qualifiers);
  for (const { type, fields } of found) {
    if (type !== 'ColumnRef') continue;
    const names = stringsOf(fields['fields']);
    const hasStar = names.length < listOf(fields['fields']).length;
    const [column, qualifier, schema, ...more] = hasStar ? [undefined, ...names.reverse()] : names.reverse();
    if (more.length > 0)
      refuse('guard.construct_refused', 'A column is named by at most schema.table.column.');
    if (qualifier === undefined) {
      if (column !== undefined && !declared.has(column) && !/^column\d+$/.test(column))
        refuse('guard.relation_refused', `There is no column ${column} in the tables of this query.`);
      continue;
    }
    if (schema !== undefined && !own.some((table) => table.schema === schema && table.name === qualifier))
      refuse('guard.relation_refused', `There is no table ${schema}.${qualifier} to ask.`);
    if (!qualifiers.tables.has(qualifier) && !qualifiers.derived.has(qualifier))
      refuse('guard.relation_refused', `There is no table ${qualifier} in this query.`);
    if (column !== undefined) assertColumn(qualifier, column, qualifiers, declared);
  }
}

function assertColumn(
  qualifier: string,
  column: string,
  qualifiers: Qualifiers,
  declared: Set<string>,
): void {
  const tables = qualifiers.tables.get(qualifier) ?? [];
  if (qualifiers.derived.has(qualifier) && declared.has(column)) return;
  if (tables.some(({ table }) => table.columns.some(({ name }) => name === column))) return;
  const [table] = tables;
  refuse(
    'guard.relation_refused',
    table
      ? `The table ${table.table.name} has no column ${column}. It has: ${table.table.columns.map(({ name }) => name).join(', ')}.`
      : `There is no column ${qualifier}.${column} here.`,
  );
}

/** Every name a derived table of this query could have for a column. */
function declaredNames(found: readonly Found[], { tables, derived }: Qualifiers): Set<string> {
  const names = new Set([...FUNCTIONS, ...TYPES, ...IMPLIED_NAMES, ...derived, ...tables.keys()]);
  for (const list of tables.values())
    for (const { table } of list) for (const { name } of table.columns) names.add(name);
  for (const { type, fields } of found) {
    const name = type === 'ResTarget' ? textOf(fields['name']) : undefined;
    if (name !== undefined) names.add(name);
    if (type === 'Alias') for (const column of stringsOf(fields['colnames'])) names.add(column);
    if (type === 'CommonTableExpr')
      for (const column of stringsOf(fields['aliascolnames'])) names.add(column);
    if (type === 'Alias') names.add(textOf(fieldsOf(fields)['aliasname']) ?? '');
  }
  return names;
}
