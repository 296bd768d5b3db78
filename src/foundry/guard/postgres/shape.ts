import { refuse } from '../verdict.ts';
import { type Found, isFields, type PgValue } from './tree.ts';

/**
 * What a field may hold. value: a text, number or boolean; one: a node; many: nodes; maybe: nodes, of which some may be empty (DISTINCT
 * without ON; a function of FROM without a column list); any other word: the fields of that type, without its name around them.
 */
type Content = 'value' | 'one' | 'many' | 'maybe' | InlineType;
type InlineType = 'SelectStmt' | 'WithClause' | 'Alias' | 'WindowDef' | 'TypeName' | ConstantType;
type ConstantType = 'Integer' | 'Float' | 'Boolean' | 'String' | 'BitString';

const at = { location: 'value' } as const;

/** Everything a query may consist of. A type or a field that is not here refuses the query, whatever it would mean. */
const SHAPES: Record<string, Record<string, Content>> = {
  SelectStmt: {
    ...{ distinctClause: 'maybe', targetList: 'many', fromClause: 'many', whereClause: 'one' },
    ...{ groupClause: 'many', groupDistinct: 'value', havingClause: 'one', windowClause: 'many' },
    ...{ valuesLists: 'many', sortClause: 'many', limitOffset: 'one', limitCount: 'one' },
    ...{ limitOption: 'value', withClause: 'WithClause', op: 'value', all: 'value' },
    ...{ larg: 'SelectStmt', rarg: 'SelectStmt' },
  },
  WithClause: { ctes: 'many', recursive: 'value', ...at },
  CommonTableExpr: {
    ...{ ctename: 'value', aliascolnames: 'many', ctematerialized: 'value', ctequery: 'one', ...at },
  },
  ResTarget: { name: 'value', val: 'one', ...at },
  RangeVar: {
    ...{ catalogname: 'value', schemaname: 'value', relname: 'value', inh: 'value' },
    ...{ relpersistence: 'value', alias: 'Alias', ...at },
  },
  RangeSubselect: { lateral: 'value', subquery: 'one', alias: 'Alias' },
  RangeFunction: {
    ...{ lateral: 'value', ordinality: 'value', is_rowsfrom: 'value', functions: 'many', alias: 'Alias' },
  },
  RangeTableSample: { relation: 'one', method: 'many', args: 'many', repeatable: 'one', ...at },
  JoinExpr: {
    ...{ jointype: 'value', isNatural: 'value', larg: 'one', rarg: 'one', usingClause: 'many' },
    ...{ join_using_alias: 'Alias', quals: 'one', alias: 'Alias' },
  },
  Alias: { aliasname: 'value', colnames: 'many' },
  ColumnRef: { fields: 'many', ...at },
  A_Star: {},
  A_Const: {
    ...{ ival: 'Integer', fval: 'Float', boolval: 'Boolean', sval: 'String', bsval: 'BitString' },
    ...{ isnull: 'value', ...at },
  },
  Integer: { ival: 'value' },
  Float: { fval: 'value' },
  Boolean: { boolval: 'value' },
  String: { sval: 'value' },
  BitString: { bsval: 'value' },
  List: { items: 'maybe' },
  A_Expr: {
    ...{ kind: 'value', name: 'many', lexpr: 'one', rexpr: 'one', ...at },
    ...{ rexpr_list_start: 'value', rexpr_list_end: 'value' },
  },
  A_ArrayExpr: { elements: 'many', list_start: 'value', list_end: 'value', ...at },
  A_Indirection: { arg: 'one', indirection: 'many' },
  A_Indices: { is_slice: 'value', lidx: 'one', uidx: 'one' },
  BoolExpr: { boolop: 'value', args: 'many', ...at },
  NullTest: { arg: 'one', nulltesttype: 'value', ...at },
  BooleanTest: { arg: 'one', booltesttype: 'value', ...at },
  CaseExpr: { arg: 'one', args: 'many', defresult: 'one', ...at },
  CaseWhen: { expr: 'one', result: 'one', ...at },
  CoalesceExpr: { args: 'many', ...at },
  MinMaxExpr: { op: 'value', args: 'many', ...at },
  RowExpr: { args: 'many', row_format: 'value', ...at },
  SubLink: { subLinkType: 'value', testexpr: 'one', operName: 'many', subselect: 'one', ...at },
  FuncCall: {
    ...{ funcname: 'many', args: 'many', agg_order: 'many', agg_filter: 'one', over: 'WindowDef', ...at },
    ...{ agg_within_group: 'value', agg_star: 'value', agg_distinct: 'value', func_variadic: 'value' },
    ...{ funcformat: 'value' },
  },
  NamedArgExpr: { arg: 'one', name: 'value', argnumber: 'value', ...at },
  WindowDef: {
    ...{ name: 'value', refname: 'value', partitionClause: 'many', orderClause: 'many', ...at },
    ...{ frameOptions: 'value', startOffset: 'one', endOffset: 'one' },
  },
  SortBy: { node: 'one', sortby_dir: 'value', sortby_nulls: 'value', ...at },
  GroupingSet: { kind: 'value', content: 'many', ...at },
  GroupingFunc: { args: 'many', ...at },
  TypeCast: { arg: 'one', typeName: 'TypeName', ...at },
  TypeName: { names: 'many', typmods: 'many', typemod: 'value', arrayBounds: 'many', ...at },
  CollateClause: { arg: 'one', collname: 'many', ...at },
  SQLValueFunction: { op: 'value', typmod: 'value', ...at },
};

/** In the words of who wrote the query. */
const SPOKEN: Record<string, string> = {
  intoClause: 'SELECT INTO',
  lockingClause: 'FOR UPDATE and FOR SHARE',
  search_clause: 'SEARCH',
  cycle_clause: 'CYCLE',
  coldeflist: 'a column definition list',
  useOp: 'ORDER BY USING',
  ParamRef: 'a parameter such as $1',
  XmlExpr: 'XML',
  XmlSerialize: 'XML',
  RangeTableFunc: 'XMLTABLE',
  JsonTable: 'JSON_TABLE',
};

const WRITES = new Set(['intoClause', 'lockingClause']);

/** Visits every node and field of a statement; refuses at the first that is not known to be harmless. */
export function everyNode(statement: PgValue): Found[] {
  const found: Found[] = [];
  visitNode(statement, found);
  return found;
}

function visitNode(node: PgValue, found: Found[]): void {
  const [entry, ...more] = isFields(node) ? Object.entries(node) : [];
  if (!entry || more.length > 0) refuse('guard.construct_refused', 'The query has a part that is not known.');
  visitFields(entry[0], entry[1], found);
}

function visitFields(type: string, fields: PgValue, found: Found[]): void {
  const shape = Object.hasOwn(SHAPES, type) ? SHAPES[type] : undefined;
  if (!shape || !isFields(fields)) refuseType(type);
  found.push({ type, fields });
  for (const [name, content] of Object.entries(fields)) visitField(type, name, content, shape[name], found);
}

function visitField(
  type: string,
  name: string,
  value: PgValue,
  content: Content | undefined,
  found: Found[],
): void {
  if (content === undefined) refuseField(type, name);
  if (content === 'one') visitNode(value, found);
  else if (content === 'value') assertValue(type, name, value);
  else if (content === 'many' || content === 'maybe') visitList(type, name, value, content, found);
  else visitFields(content, value, found);
}

function assertValue(type: string, name: string, value: PgValue): void {
  if (typeof value === 'object') refuseField(type, name);
}

function visitList(
  type: string,
  name: string,
  value: PgValue,
  content: 'many' | 'maybe',
  found: Found[],
): void {
  if (!Array.isArray(value)) refuseField(type, name);
  for (const item of value) if (content === 'many' || !isEmpty(item)) visitNode(item, found);
}

function isEmpty(node: PgValue): boolean {
  return isFields(node) && Object.keys(node).length === 0;
}

function refuseType(type: string): never {
  if (type.endsWith('Stmt'))
    refuse('guard.not_read_only', 'Only one SELECT is run: nothing is written, set, created or called.');
  refuse('guard.construct_refused', `${SPOKEN[type] ?? type} is not supported here.`);
}

function refuseField(type: string, name: string): never {
  refuse(
    WRITES.has(name) ? 'guard.not_read_only' : 'guard.construct_refused',
    `${SPOKEN[name] ?? `${type} with ${name}`} is not supported here.`,
  );
}
