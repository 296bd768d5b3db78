import type { Dialect } from '../../domain/foundry/catalog.ts';

/** What a model is told of each language: what runs there, what is refused, and how typical questions are written. */
export const DIALECT_RULES: Readonly<Record<Dialect, string>> = {
  spark: `Spark SQL. Tables by their full name (namespace.table). Quote awkward names with backticks: \`Cost Total $\`. Dates: date_trunc('month', d), add_months, datediff, current_date(); text: ilike, lower(), contains(a, b). Ratios: a / nullif(b, 0). No hints, no path tables, no metadata tables, no VERSION AS OF.
Example: SELECT \`Airport Name\`, count(*) AS strikes FROM ns.birdstrikes WHERE \`Flight Date\` >= DATE '2001-01-01' GROUP BY \`Airport Name\` ORDER BY strikes DESC LIMIT 5`,
  postgres: `Postgres SQL. Tables by their full name (schema.table). Quote awkward or mixed-case names with double quotes: "Cost Total $". Dates: date_trunc('month', d), d >= now() - interval '30 days'; text: ilike. Cast before integer division: a::numeric / nullif(b, 0). No system tables, no set_config, no files.
Example: SELECT "Airport Name", count(*) AS strikes FROM ns.birdstrikes WHERE "Flight Date" >= date '2001-01-01' GROUP BY 1 ORDER BY strikes DESC LIMIT 5`,
  questdb: `QuestDB SQL. A time series has one designated timestamp column ("time_column"). Buckets of time: SAMPLE BY 1h (units s m h d M y) after WHERE and instead of GROUP BY on the time; ALIGN TO CALENDAR is the default; FILL(NULL | PREV | LINEAR). The latest row of each: LATEST ON ts PARTITION BY symbol. Intervals: WHERE ts IN '2024-03' or ts IN '2024-03-01;7d'. ASOF JOIN matches the last earlier row. No HAVING: filter in an outer SELECT. GROUP BY is implied by aggregates.
Example: SELECT ts, symbol, avg(price) AS average FROM trades WHERE ts IN '2024-03' SAMPLE BY 1d`,
  cypher: `openCypher on FalkorDB, one tenant's graph. Nodes by label, relationships by type, as listed. Only MATCH, OPTIONAL MATCH, WHERE, WITH, UNWIND, RETURN, ORDER BY, SKIP, LIMIT. Paths of variable length need an upper bound: -[:ROUTE*1..3]->. No CALL, no LOAD CSV, no writes.
Example: MATCH (a:Airport)-[:ROUTE]->(b:Airport) WHERE a.iata = 'SFO' RETURN b.name AS airport ORDER BY airport LIMIT 20`,
};
