/** Kinds of nodes with what they may hold; any other kind, and anything else they could hold, is refused. */
const FIELDS: Record<string, string> = {
  select:
    'implicit with distinct columns from where sampleBy latestOn groupBy pivot orderBy limit setOperations',
  cte: 'name query',
  setOperation: 'operator all select',
  star: '',
  qualifiedStar: 'qualifier alias',
  selectItem: 'expression alias',
  tableFunctionCall: 'name args',
  tableRef: 'table alias joins timestampDesignation',
  join: 'joinType outer table on tolerance range prevailing',
  windowJoinBound: 'boundType direction duration',
  sampleBy: 'duration fill alignTo from to',
  alignTo: 'mode timeZone offset',
  latestOn: 'timestamp partitionBy',
  orderByItem: 'expression direction',
  limit: 'lowerBound upperBound',
  pivotClause: 'aggregations pivots groupBy',
  pivotAggregation: 'expression alias',
  pivotFor: 'expression in',
  pivotIn: 'values select',
  pivotInValue: 'expression alias',
  binary: 'operator left right',
  unary: 'operator operand',
  column: 'name',
  qualifiedName: 'parts',
  literal: 'value literalType raw',
  function: 'name args distinct star fromSeparator ignoreNulls respectNulls over',
  windowSpec: 'partitionBy orderBy frame',
  windowFrame: 'mode start end exclude',
  windowFrameBound: 'kind value duration',
  case: 'operand whenClauses elseClause',
  cast: 'expression dataType',
  typeCast: 'expression dataType',
  in: 'expression values not parenthesized',
  between: 'expression low high not',
  within: 'expression values',
  isNull: 'expression not',
  paren: 'expression additionalExpressions',
  arrayLiteral: 'elements hasArrayKeyword',
  arrayAccess: 'array subscripts',
  arraySlice: 'start end',
  subquery: 'query',
};
/** Parts that carry no kind. */
const PARTS: Record<string, string> = { whenClauses: 'when then', range: 'start end' };

const ALLOWED = new Map(
  [
    ...Object.entries(FIELDS).map(([type, held]) => [type, `type ${held}`] as const),
    ...Object.entries(PARTS).map(([key, held]) => [`.${key}`, held] as const),
  ].map(([owner, held]) => [owner, new Set(held.split(' '))]),
);

/** What a node, or a part under `key`, may hold; null: not known. */
export function fieldsOf(type: unknown, key: string): ReadonlySet<string> | null {
  return ALLOWED.get(typeof type === 'string' ? type : `.${key}`) ?? null;
}
