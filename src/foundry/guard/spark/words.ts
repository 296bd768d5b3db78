/** Every word Spark 3.5 knows (`SELECT keyword FROM sql_keywords()`): a name that is one of them is quoted. */
export const SPARK_WORDS: ReadonlySet<string> = new Set(
  `
    add after all alter always analyze and anti any any_value archive array as asc asof at authorization between bigint
    binary boolean both bucket buckets by byte cache cascade case cast catalog catalogs change char character check clear
    cluster clustered codegen collate collection column columns comment commit compact compactions compute concatenate
    constraint cost create cross cube current current_date current_time current_timestamp current_user data database
    databases date date_add date_diff dateadd datediff day dayofyear days dbproperties dec decimal default defined delete
    delimited desc describe dfs directories directory distinct distribute div double drop else end escape escaped except
    exchange exclude exists explain export extended external extract false fetch fields fileformat filter first float
    following for foreign format formatted from full function functions generated global grant group grouping having hour
    hours identifier if ignore ilike import in include index indexes inner inpath inputformat insert int integer intersect
    interval into is items join keys last lateral lazy leading left like limit lines list load local location lock locks
    logical long macro map matched merge microsecond microseconds millisecond milliseconds minus minute minutes month months
    msck name namespace namespaces nanosecond nanoseconds natural no null nulls numeric of offset on only option options or
    order out outer outputformat over overlaps overlay overwrite partition partitioned partitions percent percentile_cont
    percentile_disc pipe pivot placing position preceding primary principals properties purge qualify quarter query range
    raw real recordreader recordwriter recover recursive reduce references refresh rename repair repeatable replace reset
    respect restrict revoke right role roles rollback rollup row rows schema schemas second seconds select semi separated
    serde serdeproperties session_user set sets short show skewed smallint some sort sorted source start statistics stored
    stratify stream string struct substr substring sync system_time system_version table tables tablesample target
    tblproperties temporary terminated then time timestamp timestamp_ltz timestamp_ntz timestampadd timestampdiff tinyint to
    touch trailing transaction transactions transform trim true truncate try_cast type unarchive unbounded uncache union
    unique unknown unlock unpivot unset update use user using values varchar version view views void week weeks when where
    window with within x year years zone
  `
    .trim()
    .split(/\s+/),
);
