import type { QueryResult, SparkStatements, StatementOptions } from '../client/session.ts';
import type { Procedure, SparkNames } from '../spark-names.ts';

/** A table and how to speak of it. */
export interface CareTable {
  client: SparkStatements;
  names: SparkNames;
  /** In a statement. */
  quoted: string;
  /** In a procedure's arguments. */
  argument: string;
  options: StatementOptions;
}

/** Calls one of Iceberg's procedures for the table; `more` are further arguments. */
export function call(target: CareTable, procedure: Procedure, more = ''): Promise<QueryResult> {
  const { client, names, argument, options } = target;
  return client.query(`CALL ${names.procedure(procedure)}(table => ${argument}${more})`, options);
}

/** The counts a procedure answers, in its order. */
export async function numbersOf(target: CareTable, procedure: Procedure, more = ''): Promise<number[]> {
  const { rows } = await call(target, procedure, more);
  return (rows[0] ?? []).map((value) => Number(value ?? 0));
}
