/**
 * Functions of Postgres' own (18) whose results depend on the time zone, the clock, chance or how a type prints, and on nothing else beside their arguments. The
 * others of that kind read settings, catalogs, files, run a text as a query, take locks or leave something behind.
 */
const HARMLESS = new Set(
  `age array_sample array_shuffle array_to_json array_to_string clock_timestamp concat concat_ws convert convert_from convert_to date date_add date_part
   date_subtract date_trunc enum_first enum_last enum_range extract format gen_random_uuid generate_series json_agg json_agg_strict json_build_array
   json_build_object json_object_agg json_object_agg_strict json_object_agg_unique json_object_agg_unique_strict json_populate_record
   json_populate_recordset json_to_record json_to_recordset json_to_tsvector jsonb_agg jsonb_agg_strict jsonb_build_array jsonb_build_object
   jsonb_object_agg jsonb_object_agg_strict jsonb_object_agg_unique jsonb_object_agg_unique_strict jsonb_path_exists_tz jsonb_path_match_tz
   jsonb_path_query_array_tz jsonb_path_query_first_tz jsonb_path_query_tz jsonb_populate_record jsonb_populate_record_valid jsonb_populate_recordset
   jsonb_to_record jsonb_to_recordset jsonb_to_tsvector length make_timestamptz money now numeric overlaps pg_typeof phraseto_tsquery plainto_tsquery
   quote_literal quote_nullable random random_normal row_to_json statement_timestamp time timeofday timestamp timestamptz timetz timezone to_char to_date
   to_json to_jsonb to_number to_timestamp to_tsquery to_tsvector transaction_timestamp ts_headline uuidv4 uuidv7 websearch_to_tsquery`.split(
    /\s+/,
  ),
);

export function isHarmless(name: string): boolean {
  return HARMLESS.has(name);
}
