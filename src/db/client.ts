import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import postgres from 'postgres';
import { ARRAY_TYPES } from './array-types.ts';
import { openPool } from './pool.ts';

export type Db = NodePgDatabase;
/** A database or a transaction in it: what a query takes. */
export type DbOrTx = Db | Parameters<Parameters<Db['transaction']>[0]>[0];
/** Single statements outside of transactions, on connections of their own (docs/adr/0006). */
export type Sql = postgres.Sql;
export type Pool = pg.Pool;
export type PoolClient = pg.PoolClient;

export interface Database {
  db: Db;
  /** The connections `db` uses, for work that needs one of its own: COPY, temporary tables. */
  pool: Pool;
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

/** Opens a database; nothing is connected before it is used. json and jsonb come back as text: a state keeps its big numbers. */
export function openDatabase(
  url: string,
  { maxConnections = 10, applicationName = 'ivory' }: DatabaseOptions = {},
): Database {
  const pool = openPool(url, { maxConnections, applicationName });
  const sql = postgres(url, {
    max: Math.ceil(maxConnections / 2),
    onnotice: () => {},
    connect_timeout: 10,
    idle_timeout: 60,
    fetch_types: false,
    types: { json: AS_TEXT, ...ARRAY_TYPES },
    connection: { application_name: applicationName, TimeZone: 'UTC' },
  });
  return {
    db: openDb(pool),
    pool,
    sql: sql as unknown as Sql,
    async close() {
      await Promise.all([pool.end(), sql.end({ timeout: 5 })]);
    },
  };
}

/** drizzle's own transactions lose the pool a connection for ever when it dies before BEGIN is answered: soon there is none left. */
function openDb(pool: Pool): Db {
  const db = drizzle(pool);
  db.transaction = async (work, config) => {
    const client = await pool.connect();
    try {
      return await drizzle(client).transaction(work, config);
    } finally {
      client.release();
    }
  };
  return db;
}
