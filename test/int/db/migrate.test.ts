import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { assertMigrated } from '../../../src/db/assert-migrated.ts';
import { openDatabase } from '../../../src/db/client.ts';
import { migrateDatabase } from '../../../src/db/migrate.ts';
import { runSql, urlOfDatabase } from '../../harness/admin.ts';

const name = `empty_${randomBytes(6).toString('hex')}`;
const url = urlOfDatabase(inject('adminUrl'), name);

beforeAll(() => runSql(inject('adminUrl'), `create database ${name}`));
afterAll(() => runSql(inject('adminUrl'), `drop database ${name} with (force)`));

/** Every column, index and applied migration of the database. */
async function shape() {
  const database = openDatabase(url);
  try {
    const columns = await database.sql`
      select table_schema, table_name, column_name, data_type from information_schema.columns
      where table_schema in ('etl', 'lakehouse', 'audit', 'foundry', 'read_models') order by 1, 2, 3`;
    const indexes = await database.sql`
      select indexdef from pg_indexes where schemaname in ('etl', 'lakehouse', 'audit', 'foundry', 'read_models') order by 1`;
    const applied = await database.sql`select hash from drizzle.__drizzle_migrations order by id`;
    return { columns: [...columns], indexes: [...indexes], applied: [...applied] };
  } finally {
    await database.close();
  }
}

async function isMigrated() {
  const database = openDatabase(url);
  try {
    await assertMigrated(database.pool);
  } finally {
    await database.close();
  }
}

test('an empty database and one that lacks the newest migration are told from a migrated one', async () => {
  await expect(isMigrated()).rejects.toMatchObject({
    code: 'db.not_migrated',
    message: expect.stringContaining('ivory migrate'),
  });
  await migrateDatabase(url);
  await isMigrated();
  await runSql(url, 'update drizzle.__drizzle_migrations set created_at = created_at - 1');
  await expect(isMigrated()).rejects.toMatchObject({ code: 'db.not_migrated' });
  await runSql(url, 'update drizzle.__drizzle_migrations set created_at = created_at + 2');
  await isMigrated();
  await runSql(url, 'drop schema etl, lakehouse, audit, foundry, read_models, drizzle cascade');
});

test('four processes migrating an empty database at once bring it to one shape; again changes nothing', async () => {
  await Promise.all(Array.from({ length: 4 }, () => migrateDatabase(url)));
  const migrated = await shape();
  expect(migrated.columns.length).toBeGreaterThan(100);
  expect(new Set(migrated.applied.map(({ hash }) => hash)).size).toBe(migrated.applied.length);
  await migrateDatabase(url);
  expect(await shape()).toEqual(migrated);
});
