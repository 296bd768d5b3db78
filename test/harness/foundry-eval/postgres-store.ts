import postgres from 'postgres';
import { EVAL_NAMESPACE, type EvalTable } from './tables.ts';

export interface EvalStore {
  /** Runs a query of a planner or a right one; rows as values in the order of the columns. */
  run(query: string): Promise<unknown[][]>;
  close(): Promise<void>;
}

const CHUNK = 1_000;

/** The evaluation's tables in the schema `EVAL_NAMESPACE` of a Postgres, made anew. */
export async function loadEvalTables(url: string, tables: readonly EvalTable[]): Promise<EvalStore> {
  const sql = postgres(url, {
    max: 1,
    onnotice: () => {},
    connection: { search_path: EVAL_NAMESPACE, TimeZone: 'UTC' },
  });
  await sql.unsafe(`drop schema if exists ${EVAL_NAMESPACE} cascade; create schema ${EVAL_NAMESPACE}`);
  for (const table of tables) {
    const columns = Object.entries(table.columns).map(([name, type]) => `"${name}" ${type}`);
    await sql.unsafe(`create table ${table.name} (${columns.join(', ')})`);
    for (let at = 0; at < table.rows.length; at += CHUNK) {
      const rows = JSON.stringify(table.rows.slice(at, at + CHUNK));
      await sql.unsafe(
        `insert into ${table.name} select * from json_populate_recordset(null::${table.name}, $1::text::json)`,
        [rows],
      );
    }
  }
  return {
    run: async (query) => (await sql.unsafe(query).values()).map((row) => [...row]),
    close: () => sql.end(),
  };
}
