import { refuse } from '../verdict.ts';
import { type OwnTable, tableNamed } from './tables.ts';
import {
  fieldsOf,
  inside,
  isFields,
  listOf,
  type PgFields,
  type PgValue,
  stringsOf,
  textOf,
} from './tree.ts';

/** What a name before a dot stands for: tables of the catalog, and derived tables (sub-selects, CTEs, functions). */
export interface Qualifiers {
  tables: Map<string, OwnTable[]>;
  derived: Set<string>;
}

export interface Resolving {
  own: readonly OwnTable[];
  tenantId: string;
  qualifiers: Qualifiers;
}

type Scope = ReadonlySet<string>;

/**
 * The same select with every table written as schema.table of the tenant's catalog, and with tables of several tenants cut down to the
 * tenant's rows. A name is a CTE's only where Postgres too would find that CTE: anything else is looked up in the catalog.
 */
export function resolveRelations(select: PgFields, resolving: Resolving): PgFields {
  return resolveSelect(select, new Set(), resolving);
}

function resolveSelect(select: PgFields, outer: Scope, resolving: Resolving): PgFields {
  const withClause = select['withClause'];
  const scope = new Set(outer);
  const resolved: PgFields = {};
  if (isFields(withClause)) resolved['withClause'] = resolveWith(withClause, scope, resolving);
  for (const [name, value] of Object.entries(select)) {
    if (name === 'withClause') continue;
    const isSelect = (name === 'larg' || name === 'rarg') && isFields(value);
    resolved[name] = isSelect
      ? resolveSelect(value, scope, resolving)
      : resolveValue(value, scope, resolving);
  }
  return resolved;
}

/** Adds the names to `scope` as Postgres does: all at once under RECURSIVE, else each after its own query. */
function resolveWith(withClause: PgFields, scope: Set<string>, resolving: Resolving): PgFields {
  const expressions = listOf(withClause['ctes']).map((node) => fieldsOf(inside(node, 'CommonTableExpr')));
  const nameOf = (expression: PgFields) => textOf(expression['ctename']) ?? '';
  if (withClause['recursive'] === true) for (const expression of expressions) scope.add(nameOf(expression));
  const ctes = expressions.map((expression) => {
    const ctequery = resolveValue(expression['ctequery'] ?? null, new Set(scope), resolving);
    scope.add(nameOf(expression));
    return { CommonTableExpr: { ...expression, ctequery } };
  });
  return { ...withClause, ctes };
}

function resolveValue(value: PgValue, scope: Scope, resolving: Resolving): PgValue {
  if (Array.isArray(value)) return value.map((item) => resolveValue(item, scope, resolving));
  if (!isFields(value)) return value;
  const select = inside(value, 'SelectStmt');
  if (select) return { SelectStmt: resolveSelect(select, scope, resolving) };
  const relation = inside(value, 'RangeVar');
  if (relation) return resolveRelation(relation, value, scope, resolving);
  const sample = inside(value, 'RangeTableSample');
  if (sample) return resolveSample(sample, scope, resolving);
  const column = inside(value, 'ColumnRef');
  if (column) return { ColumnRef: reachable(column, resolving.own) };
  noteDerived(value, resolving.qualifiers);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, resolveValue(inner, scope, resolving)]),
  );
}

function resolveSample(sample: PgFields, scope: Scope, resolving: Resolving): PgValue {
  const relation = inside(sample['relation'], 'RangeVar');
  if (!relation) refuse('guard.construct_refused', 'Only a table can be sampled.');
  const rest = {
    args: resolveValue(sample['args'] ?? [], scope, resolving),
    ...(sample['repeatable'] === undefined
      ? {}
      : { repeatable: resolveValue(sample['repeatable'], scope, resolving) }),
  };
  return resolveRelation(relation, { RangeTableSample: { ...sample, ...rest } }, scope, resolving);
}

/** `node` is what stands in FROM: the relation itself, or a sample of it. */
function resolveRelation(
  relation: PgFields,
  node: PgFields,
  scope: Scope,
  { own, tenantId, qualifiers }: Resolving,
): PgValue {
  const name = textOf(relation['relname']) ?? '';
  const schema = textOf(relation['schemaname']);
  if (relation['catalogname'] !== undefined || relation['relpersistence'] !== 'p')
    refuse('guard.relation_refused', 'A table is named by its schema and its name only.');
  const aliasName = textOf(fieldsOf(relation['alias'])['aliasname']) ?? name;
  if (schema === undefined && scope.has(name)) {
    qualifiers.derived.add(aliasName);
    return node;
  }
  const table = tableNamed(own, schema, name);
  if (listOf(fieldsOf(relation['alias'])['colnames']).length > 0) qualifiers.derived.add(aliasName);
  else qualifiers.tables.set(aliasName, [...(qualifiers.tables.get(aliasName) ?? []), table]);
  const { alias, ...bare } = relation;
  const written = { ...bare, relname: table.name, ...(table.schema ? { schemaname: table.schema } : {}) };
  if (table.table.tenantColumn === null) return replaced(node, alias ? { ...written, alias } : written);
  return ownRows(replaced(node, written), alias ?? { aliasname: name }, table.table.tenantColumn, tenantId);
}

function replaced(node: PgFields, relation: PgFields): PgFields {
  const sample = inside(node, 'RangeTableSample');
  return sample
    ? { RangeTableSample: { ...sample, relation: { RangeVar: relation } } }
    : { RangeVar: relation };
}

/**
 * (SELECT * FROM t WHERE column = 'tenant' OFFSET 0) AS alias. OFFSET keeps the query's own conditions out of the inner select: else the
 * planner may try them first, on rows of others, and the message of a failing cast would show what is in them.
 */
function ownRows(from: PgFields, alias: PgValue, column: string, tenantId: string): PgFields {
  const star = { ColumnRef: { fields: [{ A_Star: {} }] } };
  const condition = {
    A_Expr: {
      kind: 'AEXPR_OP',
      name: [{ String: { sval: '=' } }],
      lexpr: { ColumnRef: { fields: [{ String: { sval: column } }] } },
      rexpr: { A_Const: { sval: { sval: tenantId } } },
    },
  };
  const select: PgFields = {
    targetList: [{ ResTarget: { val: star } }],
    fromClause: [from],
    whereClause: condition,
    limitOffset: { A_Const: { ival: {} } },
    limitOption: 'LIMIT_OPTION_COUNT',
    op: 'SETOP_NONE',
  };
  return { RangeSubselect: { subquery: { SelectStmt: select }, alias } };
}

/** A table cut down to the tenant's rows has no schema any more: schema.table.column becomes table.column. */
function reachable(column: PgFields, own: readonly OwnTable[]): PgFields {
  const fields = listOf(column['fields']);
  const [schema, name] = stringsOf(fields);
  const isCut = (table: OwnTable) =>
    table.schema === schema && table.name === name && table.table.tenantColumn !== null;
  return fields.length === 3 && own.some(isCut) ? { ...column, fields: fields.slice(1) } : column;
}

function noteDerived(node: PgFields, { derived }: Qualifiers): void {
  for (const type of ['RangeSubselect', 'RangeFunction', 'JoinExpr'] as const) {
    const fields = inside(node, type);
    for (const alias of [fields?.['alias'], fields?.['join_using_alias']]) {
      const name = textOf(fieldsOf(alias)['aliasname']);
      if (name !== undefined) derived.add(name);
    }
  }
  for (const name of functionNames(inside(node, 'RangeFunction'))) derived.add(name);
}

/** A function in FROM without an alias is known by its own name. */
function functionNames(range: PgFields | undefined): string[] {
  return listOf(range?.['functions']).flatMap((item) => {
    const [call] = listOf(inside(item, 'List')?.['items']);
    const last = listOf(inside(call, 'FuncCall')?.['funcname']).at(-1);
    return [textOf(inside(last, 'String')?.['sval']) ?? 'current_date'];
  });
}
