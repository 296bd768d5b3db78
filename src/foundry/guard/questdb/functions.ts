const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/**
 * What a query may call, in lower case: arguments and the clock, nothing else. Left out on purpose: tables(), query_activity(),
 * read_parquet and its like, server_conf, touch, flush_query_cache, reload_config, simulate_crash, pg_*, current_user, version, rnd_*.
 */
export const FUNCTIONS = words(`
  count sum avg min max first last first_not_null last_not_null count_distinct approx_count_distinct approx_percentile approx_median
  ksum nsum stddev stddev_pop stddev_samp var_pop var_samp variance corr covar_pop covar_samp regr_slope regr_intercept mode geomean
  string_agg string_distinct_agg bit_and bit_or bit_xor bool_and bool_or arg_max arg_min vwap twap weighted_avg weighted_stddev
  haversine_dist_deg isordered
  row_number rank dense_rank percent_rank lag lead first_value last_value nth_value ntile cume_dist first_not_null_value
  abs sign round round_up round_down round_half_even floor ceil ceiling sqrt exp ln log power pow greatest least mod
  sin cos tan cot asin acos atan atan2 degrees radians pi l2price mid wmid spread spread_bps
  coalesce nullif ifnull nvl switch cast case isnull
  concat length length_bytes len lower upper lcase ucase to_lowercase to_uppercase trim ltrim rtrim lpad rpad left right substring
  replace regexp_replace split_part starts_with ends_with strpos position size_pretty quote_ident md5 sha1 sha256 base64
  to_str to_char json_extract typeof between like ilike in glob
  now today tomorrow yesterday systimestamp sysdate dateadd datediff date_trunc timestamp_floor timestamp_ceil extract
  year month week week_of_year day hour minute second millis micros nanos day_of_week day_of_week_sunday_first days_in_month is_leap_year
  to_timestamp to_timestamp_ns to_date to_timezone to_utc to_pg_date to_uuid to_long128 interval interval_start interval_end
  make_geohash geo_distance_meters geo_within_radius_latlon within_box within_radius
  array_avg array_count array_cum_sum array_max array_min array_position array_stddev array_stddev_pop array_stddev_samp array_sum
  dim_length dot_product flatten insertion_point matmul shift transpose
`);

/** May stand where a table does. */
export const TABLE_FUNCTIONS = words('long_sequence generate_series');

/** Written in front of a bracket without being a function. */
export const WORDS_BEFORE_BRACKETS = words(`
  in as and or not on over by select where when then else case from join union all except intersect distinct timestamp fill
  limit between like ilike within offset range rows pivot for if
`);

/** Types a cast may name; ARRAY brackets aside. */
export const TYPES = words(`
  boolean byte short int integer long float double char string varchar symbol date timestamp timestamp_ns timestamp_ns uuid ipv4 long256 long128
  decimal interval binary varchar text bigint smallint real
`);

/** Tell who asks, without brackets too. */
export const HIDDEN_COLUMNS = words(
  'current_user session_user user current_catalog current_database current_schema current_schemas',
);
