const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Kinds of expressions with what they may hold; every other kind, and everything else they could hold, is refused. */
const KINDS: Record<string, string> = {
  select:
    'distinct expressions from group_by having joins lateral_views limit offset order_by where_clause windows with',
  union: 'all distinct left right limit offset order_by with',
  intersect: 'all distinct left right limit offset order_by with',
  except: 'all distinct left right limit offset order_by with',
  subquery: 'alias alias_explicit_as alias_keyword column_aliases lateral this limit offset order_by with',
  values: 'expressions alias column_aliases',
  table: 'name schema catalog alias alias_explicit_as column_aliases table_sample',
  table_sample: 'this sample alias alias_explicit_as',
  joined_table: 'left joins alias',
  pivot: 'this expressions fields alias',
  pivot_alias: 'this alias',
  unpivot: 'this value_column name_column columns alias include_nulls',
  lateral: 'this alias column_aliases',
  alias: 'this alias alias_explicit_as alias_keyword column_aliases',
  column: 'name table',
  dot: 'this field',
  subscript: 'this index',
  star: 'table except',
  literal: 'literal_type value',
  boolean: 'value',
  null: '',
  paren: 'this',
  tuple: 'expressions',
  interval: 'this unit',
  case: 'operand whens else_',
  cast: 'this to double_colon_syntax',
  try_cast: 'this to',
  in: 'this expressions query not',
  exists: 'this not',
  between: 'this low high not',
  like: 'left right escape quantifier not',
  i_like: 'left right escape quantifier not',
  regexp_like: 'this pattern',
  is_null: 'this not',
  is_true: 'this not',
  is_false: 'this not',
  lambda: 'parameters body',
  window_function: 'this over',
  within_group: 'this order_by',
  cube: 'expressions',
  rollup: 'expressions',
  function: 'name args distinct no_parens quoted ignore_nulls order_by limit filter',
  aggregate_function: 'name args distinct quoted ignore_nulls order_by limit filter',
  count: 'this star distinct filter original_name',
  extract: 'this field',
  trim: 'this position characters sql_standard_syntax position_explicit',
  if_func: 'condition true_value false_value original_name',
  substring: 'this start length from_for_syntax',
  overlay: 'this replacement from length',
  str_position: 'this substr position',
};

const OPERATORS = words(`
  add sub mul div int_div mod and or eq neq lt lte gt gte null_safe_eq null_safe_neq is bitwise_and bitwise_or bitwise_xor concat
  not neg bitwise_not
`);

/** Functions that are kinds of their own. */
const CALLS = words(`
  abs acos add_months any_value approx_count_distinct array_agg array_append array_compact array_contains array_distinct
  array_except array_intersect array_position array_prepend array_remove array_size array_union asin atan atan2 avg bitwise_and_agg
  bitwise_or_agg bitwise_xor_agg cardinality ceil coalesce contains cos count_if cume_dist day day_of_month day_of_week day_of_year
  degrees dense_rank element_at ends_with exp explode explode_outer first first_value floor hour initcap json_array_length lag last
  last_day last_value lead length ln log logical_and logical_or lower map_contains_key map_from_arrays map_from_entries map_keys
  map_values max median min minute mod_func mode month months_between n_tile next_day nth_value nvl nvl2 percent_rank pi power quarter
  radians rand rank row_number second sin sqrt starts_with stddev stddev_pop stddev_samp sum tan to_json typeof upper
  var_pop var_samp variance week_of_year year
`);
const OF_CALLS =
  'this expression expressions original_name name distinct filter ignore_nulls args offset default decimals scale base num_buckets true_value false_value seed';

/** What the parts of an expression may hold that are no expressions themselves. */
const PARTS: Record<string, string> = {
  from: 'expressions',
  joins: 'this on using kind use_inner_keyword use_outer_keyword nesting_group',
  where_clause: 'this',
  having: 'this',
  group_by: 'expressions all',
  order_by: 'expressions this desc nulls_first explicit_asc',
  expressions: 'this desc nulls_first expressions explicit_asc',
  limit: 'this',
  offset: 'this',
  lateral_views: 'this table_alias column_aliases outer',
  windows: 'name spec',
  spec: 'partition_by order_by frame',
  over: 'window_name partition_by order_by frame',
  frame: 'kind start end kind_text start_side_text end_side_text',
  start: 'Preceding Following',
  end: 'Preceding Following',
  with: 'ctes',
  ctes: 'alias this columns alias_first',
  unit: 'type unit use_plural this expression',
  sample: 'method size unit_after_size is_percent',
  table_sample: 'method size unit_after_size is_percent',
  ...Object.fromEntries(
    words('to element_type key_type value_type data_type').map((part) => [
      part,
      'data_type precision scale length element_type key_type value_type fields name',
    ]),
  ),
  fields: 'name data_type',
  ...Object.fromEntries(
    words(
      'name schema catalog alias column_aliases columns table field using window_name parameters table_alias value_column name_column except',
    ).map((part) => [part, 'name quoted']),
  ),
};

/** Where an expression may stand. */
const PLACES = new Set(
  words(`
    this expression expressions left right args operand whens else_ low high pattern escape query body on index filter characters
    condition true_value false_value start length replacement from substr position offset default decimals scale base num_buckets seed
    limit size partition_by Preceding Following fields columns alias value_column values
  `),
);
const ROOTS = new Set(words('select union intersect except subquery values'));

const FIELDS = new Map<string, ReadonlySet<string>>();
for (const [owner, held] of [
  ...Object.entries(KINDS),
  ...OPERATORS.map((kind) => [kind, 'left right this expression'] as const),
  ...CALLS.map((kind) => [kind, OF_CALLS] as const),
  ...Object.entries(PARTS),
])
  FIELDS.set(owner, new Set([...(FIELDS.get(owner) ?? []), ...words(held)]));
const EXPRESSIONS: ReadonlySet<string> = new Set([...Object.keys(KINDS), ...OPERATORS, ...CALLS]);

/** Whether what stands under `owner` ('' for the statement itself) may hold `child`. */
export function isAllowed(owner: string, child: string): boolean {
  if (owner === '') return ROOTS.has(child);
  return FIELDS.get(owner)?.has(child) === true || (PLACES.has(owner) && EXPRESSIONS.has(child));
}
