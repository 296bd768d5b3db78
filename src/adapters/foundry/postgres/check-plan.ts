import type { Client } from 'pg';
import { InvalidError } from '../../../errors.ts';
import { isHarmless } from './harmless-functions.ts';

/** Functions of Postgres' own that may stand where a table stands. */
const TABLE_FUNCTIONS =
  /^(generate_series|generate_subscripts|unnest|regexp_matches|regexp_split_to_table|string_to_table|jsonb?_(array_elements|array_elements_text|each|each_text|object_keys|populate_record(set)?|to_record(set)?|path_query)|ts_parse|ts_token_type|ts_debug|rows_from)$/;
/** Nodes that read or write what no list of tables shows. */
const REFUSED_NODES = new Set(['ModifyTable', 'Foreign Scan', 'Custom Scan', 'LockRows']);
/** A function of a schema's: Postgres prints its own without one. */
const QUALIFIED_CALL = /(?:\w|")\.(?:\w+|"(?:[^"]|"")*")\s*\(/;
/** Anything that stands before a bracket: words of SQL, too. */
const CALL = /(?:"((?:[^"]|"")*)"|([\w$]+))\s*\(/g;
/** They print the name of anything that has a number. */
const NAMING_CAST = /::\s*(?:reg\w+|aclitem)\b/i;
/** Texts and quoted names, which may look like anything. */
const TEXT = /E'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'/gs;
const QUOTED = /"(?:[^"]|"")*"/g;

/** What a query may read. */
export interface Readable {
  schemas: readonly string[];
  /** `schema.table`: what views in the schemas are made of. The reader has no right to them but through those. */
  behindViews?: readonly string[];
  /** Functions the schemas' own views and policies call, as Postgres prints the call. */
  calls?: readonly string[];
}

/**
 * Reads the plan that Postgres made (EXPLAIN (FORMAT JSON, VERBOSE)), where every name is resolved, and refuses one that reads anything but tables of
 * these schemas: the rights of a reader keep rows apart, but every login may read the names in pg_catalog. Throws InvalidError `foundry.query_failed`.
 */
export async function checkPlan(client: Client, plan: unknown, readable: Readable): Promise<void> {
  if (!Array.isArray(plan) || plan.length === 0) throw refused('it cannot be planned');
  const called = new Set<string>();
  checkPart(plan, readable, called);
  await checkCalls(client, [...called]);
}

/** Functions that depend on their arguments alone can do no harm; which of the others may be called is on a list. */
async function checkCalls(client: Client, names: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select distinct proname as name from pg_catalog.pg_proc where pronamespace = 'pg_catalog'::regnamespace
       and provolatile <> 'i' and proname = any($1)`,
    [names],
  );
  const refusedCall = rows.find(({ name }) => !isHarmless(name));
  if (refusedCall) throw refused(`it calls ${refusedCall.name}, which is not allowed`);
}

function checkPart(part: unknown, readable: Readable, called: Set<string>): void {
  if (typeof part === 'string') checkText(part, readable, called);
  if (typeof part !== 'object' || part === null) return;
  if (!Array.isArray(part)) checkNode(new Map(Object.entries(part)), readable);
  for (const item of Object.values(part)) checkPart(item, readable, called);
}

function checkNode(node: ReadonlyMap<string, unknown>, { schemas, behindViews = [] }: Readable): void {
  const [type, relation, called, schema] = ['Node Type', 'Relation Name', 'Function Name', 'Schema'].map(
    (name) => node.get(name),
  );
  if (typeof type === 'string' && REFUSED_NODES.has(type)) throw refused('it does more than read tables');
  if (
    relation !== undefined &&
    !schemas.includes(String(schema)) &&
    !behindViews.includes(`${schema}.${relation}`)
  )
    throw refused("it reads what is no table of the tenant's");
  if (called === undefined) return;
  if (schema !== 'pg_catalog' || !TABLE_FUNCTIONS.test(String(called)))
    throw refused('it calls a function in place of a table that is not allowed there');
}

function checkText(text: string, { calls = [] }: Readable, called: Set<string>): void {
  const plain = calls.reduce((rest, call) => rest.replaceAll(call, "''"), text.replaceAll(TEXT, "''"));
  if (QUALIFIED_CALL.test(plain)) throw refused("it calls a function that is not Postgres' own");
  if (NAMING_CAST.test(plain.replaceAll(QUOTED, '""')))
    throw refused('it makes a name of a number or a text');
  for (const [, quoted, bare] of plain.matchAll(CALL))
    called.add(quoted?.replaceAll('""', '"') ?? bare ?? '');
}

function refused(why: string): InvalidError {
  return new InvalidError('foundry.query_failed', `The query is refused: ${why}.`);
}
