import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../../src/db/client.ts';
import { UnavailableError } from '../../../src/errors.ts';
import { openStagingSession } from '../../../src/singer/staging-session.ts';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';

const CONNECTIONS = 2;
const options = { sessionName: 'ivory run test', onLost: () => {} };

let home: TestDatabase;
let database: Database;
beforeAll(async () => {
  home = await createTestDatabase();
  database = openDatabase(home.url, { maxConnections: CONNECTIONS });
});
afterAll(async () => {
  await database.close();
  await home.close();
});

test('a staging connection that dies before it has its name is given back, however often that happens', async () => {
  const { pool } = database;
  for (let lost = 0; lost < CONNECTIONS + 1; lost++) {
    pool.once('acquire', (client) => client.connection.stream.destroy());
    await expect(openStagingSession(pool, options)).rejects.toThrow();
  }
  const session = await openStagingSession(pool, options);
  await session.close();
  expect(pool.totalCount - pool.idleCount).toBe(0);
});

test('a server that ends the connection at that moment is unavailable, not wrong', async () => {
  const { pool } = database;
  pool.once('acquire', (client) => {
    client.query('select pg_terminate_backend(pg_backend_pid())').catch(() => {});
  });
  await expect(openStagingSession(pool, options)).rejects.toBeInstanceOf(UnavailableError);
  expect(pool.totalCount - pool.idleCount).toBe(0);
});
