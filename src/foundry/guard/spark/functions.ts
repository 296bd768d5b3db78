const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/**
 * What a query may call, in lower case: nothing here reads anything but its arguments and the clock. Left out on purpose: reflect,
 * java_method, current_user and its like, version, input_file_*, uuid, raise_error, assert_true, try_* of files, aes_*, from_avro.
 */
export const FUNCTIONS = words(`
  count sum avg mean min max count_if any any_value some every bool_and bool_or bit_and bit_or bit_xor
  approx_count_distinct approx_percentile percentile percentile_approx percentile_cont percentile_disc median mode
  stddev stddev_pop stddev_samp std variance var_pop var_samp corr covar_pop covar_samp skewness kurtosis
  regr_slope regr_intercept regr_r2 regr_count regr_avgx regr_avgy regr_sxx regr_sxy regr_syy histogram_numeric
  collect_list collect_set array_agg first first_value last last_value max_by min_by try_sum try_avg grouping grouping_id
  row_number rank dense_rank percent_rank cume_dist ntile lag lead nth_value
  coalesce nvl nvl2 ifnull nullif if iff greatest least isnull isnotnull isnan nanvl nullifzero zeroifnull decode typeof
  abs ceil ceiling floor round bround sign signum sqrt cbrt exp expm1 ln log log10 log1p log2 pow power mod pmod div
  positive negative factorial gcd hypot degrees radians sin cos tan cot sec csc asin acos atan atan2 sinh cosh tanh asinh acosh atanh
  pi e rint width_bucket rand random randn try_add try_subtract try_multiply try_divide bin hex unhex conv
  shiftleft shiftright bit_count hash xxhash64 md5 sha sha1 sha2 crc32
  concat concat_ws substr substring substring_index left right length len char_length character_length octet_length bit_length
  lower lcase upper ucase initcap trim btrim ltrim rtrim lpad rpad repeat space replace translate reverse overlay
  split split_part instr locate position contains startswith endswith like ilike rlike regexp regexp_like regexp_count
  regexp_extract regexp_extract_all regexp_instr regexp_replace regexp_substr format_number format_string printf to_char to_number
  try_to_number to_varchar ascii chr char base64 unbase64 levenshtein soundex sentences mask find_in_set elt field
  current_date current_timestamp curdate now localtimestamp date timestamp date_add dateadd date_sub date_diff datediff
  timestampadd timestampdiff add_months months_between last_day next_day trunc date_trunc date_format date_part datepart extract
  year quarter month week weekofyear weekday day dayofmonth dayofweek dayofyear hour minute second
  to_date try_to_timestamp to_timestamp to_timestamp_ntz to_timestamp_ltz make_date make_timestamp make_interval make_dt_interval
  make_ym_interval unix_timestamp to_unix_timestamp from_unixtime unix_date unix_seconds unix_millis unix_micros date_from_unix_date
  timestamp_seconds timestamp_millis timestamp_micros from_utc_timestamp to_utc_timestamp convert_timezone
  cast try_cast int integer bigint smallint tinyint float double decimal boolean string binary
  get_json_object json_tuple json_array_length json_object_keys from_json to_json schema_of_json
  array array_append array_prepend array_compact array_contains array_distinct array_except array_insert array_intersect array_join
  array_max array_min array_position array_remove array_repeat array_size array_sort array_union arrays_overlap arrays_zip
  cardinality size element_at try_element_at get flatten sequence shuffle slice sort_array explode explode_outer posexplode
  posexplode_outer inline inline_outer stack transform filter aggregate reduce exists forall zip_with
  map map_concat map_contains_key map_entries map_filter map_from_arrays map_from_entries map_keys map_values map_zip_with
  transform_keys transform_values str_to_map named_struct struct
  cube rollup
`);

/** May stand where a table does. */
export const TABLE_FUNCTIONS = words(
  'explode explode_outer posexplode posexplode_outer inline inline_outer stack range json_tuple',
);

/** Written in front of a bracket without being a function. */
export const WORDS_BEFORE_BRACKETS = words(`
  in as and or not on over by select where having when then else case from join lateral union all except intersect minus distinct
  filter using any some exists values partition order within group sets rollup cube grouping pivot unpivot for limit offset
  between like ilike rlike escape is view outer inner left right full cross semi anti natural array struct map decimal varchar char
  numeric tablesample interval with ignore respect nulls last first asc desc sort cluster distribute to div with
`);

/** Their first argument may be a unit, which reads like a column. */
export const UNIT_FUNCTIONS = words('timestampadd timestampdiff dateadd date_add datediff date_diff');
export const UNITS = words(
  'year quarter month week day dayofyear hour minute second millisecond microsecond',
);

/** Names of columns that are none of a table: who asks, and where the files are. */
export const HIDDEN_COLUMNS = words(
  'current_user session_user user current_catalog current_database current_schema _file _pos _partition _spec_id _deleted _metadata _change_type _change_ordinal _commit_snapshot_id input_file_name',
);

/** Types a cast may name beside the parser's own. */
export const OTHER_TYPES = words('timestampntz timestamp_ntz timestampltz timestamp_ltz');
