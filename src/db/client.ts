import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import * as schema from './schema/index.ts';

export type Db = PostgresJsDatabase<typeof schema>;
/** A database or a transaction in it: what a query takes. */
export type DbOrTx = Db | Parameters<Parameters<Db['transaction']>[0]>[0];
/** The driver's own connection pool, for COPY, cursors and LISTEN. */
export type Sql = postgres.Sql;

export interface Database {
  db: Db;
  sql: Sql;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  maxConnections?: number;
  applicationName?: string;
}

const AS_TEXT = {
  from: [114, 3802],
  to: 114,
  serialize: (text: string) => text,
  parse: (text: string) => text,
};

/** Opens a pool. json and jsonb come back as text: drizzle parses its own, a state keeps its big numbers. */
export function openDatabase(
  url: string,
  { maxConnections = 10, applicationName = 'ivory' }: DatabaseOptions = {},
): Database {
  const sql = postgres(url, {
    max: maxConnections,
    onnotice: () => {},
    connect_timeout: 10,
    idle_timeout: 60,
    types: { json: AS_TEXT },
    connection: { application_name: applicationName, TimeZone: 'UTC' },
  });
  return { db: drizzle(sql, { schema }), sql: sql as unknown as Sql, close: () => sql.end({ timeout: 5 }) };
}
