/** The functions a query may call: each computes from its arguments, or gathers the rows it is given. In lower case, as they are compared. */
export const FUNCTIONS: ReadonlySet<string> = new Set(
  `
  count sum avg min max collect percentilecont percentiledisc stdev stdevp
  abs ceil floor round sign sqrt exp log log10 pow rand e pi
  sin cos tan cot asin acos atan atan2 degrees radians haversin
  tolower toupper left right substring replace split reverse trim ltrim rtrim size length
  string.join string.matchregex string.replaceregex
  tostring tointeger tofloat toboolean tostringornull tointegerornull tofloatornull tobooleanornull
  head last tail keys range coalesce isempty
  list.remove list.sort list.insert list.insertlistelements list.dedup
  id labels type startnode endnode properties haslabels nodes relationships indegree outdegree typeof exists
  timestamp date localtime localdatetime duration
  point distance
  `
    .trim()
    .split(/\s+/),
);

/** They look beyond what a pattern has matched. */
export const DEGREES: ReadonlySet<string> = new Set(['indegree', 'outdegree']);

/** Forms of their own, not functions. */
export const PREDICATES: ReadonlySet<string> = new Set(['any', 'all', 'none', 'single']);
export const PATHS: ReadonlySet<string> = new Set(['shortestpath', 'allshortestpaths']);

/** Words that never are a variable's name unless in backticks. */
export const RESERVED: ReadonlySet<string> = new Set(
  `
  MATCH OPTIONAL WHERE WITH UNWIND RETURN ORDER SKIP LIMIT UNION ALL CALL YIELD AS DISTINCT ASC DESC ASCENDING
  DESCENDING AND OR XOR NOT IN CONTAINS IS NULL TRUE FALSE CASE WHEN THEN ELSE END EXISTS
  CREATE MERGE SET DELETE DETACH REMOVE DROP FOREACH LOAD CSV USING INDEX CYPHER PROFILE EXPLAIN
  `
    .trim()
    .split(/\s+/),
);
