import pg from 'pg';
import { until } from './until.ts';

/** A table nobody else can write to until it is let go. */
export interface TableLock {
  /** Resolves once somebody waits for it. */
  waitedFor(): Promise<unknown>;
  release(): Promise<void>;
}

/** Holds a table still, so that a process stops at a place of the test's choosing. */
export async function lockTable(url: string, table: string): Promise<TableLock> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  await client.query('begin');
  await client.query(`lock table ${table} in share row exclusive mode`);
  const isWaitedFor = async () => {
    const { rowCount } = await client.query(
      `select from pg_locks where relation = $1::regclass and not granted`,
      [table],
    );
    return rowCount !== 0;
  };
  return {
    waitedFor: () => until(`somebody waits for ${table}`, isWaitedFor),
    async release() {
      await client.query('rollback');
      await client.end();
    },
  };
}
