import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { type Database, openDatabase } from '../../src/db/client.ts';
import { runSql, TEMPLATE, urlOfDatabase } from './admin.ts';

export interface TestDatabase {
  url: string;
  database: Database;
  /** Closes the pool and drops the database, whoever is still connected. */
  close(): Promise<void>;
}

/** A fresh, migrated database of its own on the run's Postgres. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const adminUrl = inject('adminUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await runSql(adminUrl, `create database ${name} template ${TEMPLATE}`);
  const url = urlOfDatabase(adminUrl, name);
  const database = openDatabase(url);
  async function close() {
    await database.close();
    await runSql(adminUrl, `drop database if exists ${name} with (force)`);
  }
  return { url, database, close };
}
