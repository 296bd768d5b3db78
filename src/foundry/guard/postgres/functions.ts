/**
 * The functions of pg_catalog a query may call. Each only computes from its arguments: none reads a file, a setting, the catalogs or
 * another session, runs a text as SQL, waits, locks or writes.
 */
export const FUNCTIONS: ReadonlySet<string> = new Set(
  `
  count sum avg min max stddev stddev_pop stddev_samp variance var_pop var_samp bool_and bool_or every any_value
  string_agg array_agg json_agg jsonb_agg json_object_agg jsonb_object_agg bit_and bit_or bit_xor
  corr covar_pop covar_samp regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy
  percentile_cont percentile_disc mode
  row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
  abs ceil ceiling floor round trunc sign sqrt cbrt power pow exp ln log log10 mod div gcd lcm pi degrees radians
  sin cos tan cot asin acos atan atan2 sinh cosh tanh width_bucket random scale min_scale trim_scale
  lower upper initcap length char_length character_length octet_length bit_length substring substr left right
  btrim ltrim rtrim position strpos overlay reverse split_part concat concat_ws replace translate repeat lpad rpad
  ascii chr md5 to_hex starts_with normalize is_normalized quote_literal quote_nullable format encode decode
  regexp_replace regexp_match regexp_matches regexp_count regexp_substr regexp_instr regexp_like
  regexp_split_to_array regexp_split_to_table string_to_array string_to_table array_to_string like_escape
  similar_to_escape
  now statement_timestamp transaction_timestamp clock_timestamp date_trunc date_part extract date_bin age timezone
  date make_date make_time make_timestamp make_timestamptz make_interval to_char to_date to_timestamp to_number
  justify_days justify_hours justify_interval isfinite overlaps
  array_length array_upper array_lower array_ndims array_position array_positions array_append array_prepend array_cat
  array_remove array_replace array_dims array_reverse array_sort cardinality unnest generate_subscripts generate_series
  num_nulls num_nonnulls
  json_build_object json_build_array jsonb_build_object jsonb_build_array to_json to_jsonb row_to_json
  json_array_length jsonb_array_length json_typeof jsonb_typeof json_extract_path json_extract_path_text
  jsonb_extract_path jsonb_extract_path_text json_each json_each_text jsonb_each jsonb_each_text
  json_array_elements json_array_elements_text jsonb_array_elements jsonb_array_elements_text json_object_keys
  jsonb_object_keys jsonb_strip_nulls json_strip_nulls jsonb_pretty array_to_json
  to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery ts_rank ts_rank_cd
  `
    .trim()
    .split(/\s+/),
);

/** The types a value may be cast to: none names an object of the server (regclass, oid, ...) or reads a document (xml). */
export const TYPES: ReadonlySet<string> = new Set(
  `
  text varchar bpchar bool int2 int4 int8 float4 float8 numeric date time timetz timestamp timestamptz interval
  uuid json jsonb bytea bit varbit inet tsvector tsquery decimal
  int4range int8range numrange daterange tsrange tstzrange
  `
    .trim()
    .split(/\s+/),
);

/** Operators, and the names the parser gives to LIKE, BETWEEN and their like. */
export const OPERATORS: ReadonlySet<string> = new Set([
  ...['=', '<>', '!=', '<', '>', '<=', '>=', '+', '-', '*', '/', '%', '^', '|/', '||/', '@', '||'],
  ...['&', '|', '#', '<<', '>>', '~', '~*', '!~', '!~*', '~~', '~~*', '!~~', '!~~*', '^@'],
  ...['->', '->>', '#>', '#>>', '@>', '<@', '?', '?|', '?&', '&&', '@@', '-|-', '&<', '&>'],
  ...['BETWEEN', 'NOT BETWEEN', 'BETWEEN SYMMETRIC', 'NOT BETWEEN SYMMETRIC'],
]);

export const COLLATIONS: ReadonlySet<string> = new Set(['C', 'POSIX', 'default', 'ucs_basic']);

/** Columns every table has and no query needs: they tell of other tables, transactions and places on disk. */
export const SYSTEM_COLUMNS: ReadonlySet<string> = new Set([
  ...['tableoid', 'ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'oid'],
]);

/** What names a column the query gave no name to. */
export const IMPLIED_NAMES: readonly string[] = [
  ...['?column?', 'case', 'coalesce', 'greatest', 'least', 'nullif', 'row', 'array', 'exists', 'ordinality'],
  ...['column1', 'column2', 'column3', 'column4', 'column5', 'column6', 'key', 'value', 'current_date'],
  ...['current_timestamp', 'localtime', 'localtimestamp', 'current_time'],
];
