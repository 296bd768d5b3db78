import { type AddressInfo, connect, createServer } from 'node:net';
import { sql as statement } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../../src/db/client.ts';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';

const CONNECTIONS = 2;

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

test('a connection that dies before its transaction has begun is given back, however often that happens', async () => {
  const { db, pool } = database;
  for (let lost = 0; lost < CONNECTIONS + 1; lost++) {
    pool.once('acquire', (client) => client.connection.stream.destroy());
    await expect(db.transaction((tx) => tx.execute(statement`select 1`))).rejects.toThrow();
  }
  const { rows } = await db.transaction((tx) => tx.execute<{ one: number }>(statement`select 1 as one`));
  expect(rows).toEqual([{ one: 1 }]);
  expect(pool.totalCount - pool.idleCount).toBe(0);
});

test('a transaction ends as it did: what it answers, what it throws, what it leaves', async () => {
  const { db, pool } = database;
  await db.execute(statement`create table kept (id int)`);
  const answer = await db.transaction(async (tx) => {
    await tx.execute(statement`insert into kept values (1)`);
    return 'kept';
  });
  const refusal = new Error('changed my mind');
  const refused = db.transaction(async (tx) => {
    await tx.execute(statement`insert into kept values (2)`);
    throw refusal;
  });
  await expect(refused).rejects.toBe(refusal);
  expect([answer, (await db.execute(statement`select id from kept`)).rows]).toEqual(['kept', [{ id: 1 }]]);
  expect(pool.totalCount - pool.idleCount).toBe(0);
});

/** Passes everything on to the database, and keeps what its clients said. */
async function openRelay(url: string) {
  let said = '';
  const { hostname, port } = new URL(url);
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    near.on('data', (chunk) => {
      said += chunk.toString('latin1');
    });
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const through = new URL(url);
  through.port = String((server.address() as AddressInfo).port);
  return { url: through.href, said: () => said, close: () => server.close() };
}

test('a new connection of single statements asks the server nothing of its own', async () => {
  const relay = await openRelay(home.url);
  const fresh = openDatabase(relay.url);
  await fresh.sql`select 1 as one`;
  await fresh.close();
  relay.close();
  expect(relay.said()).toContain('select 1 as one');
  expect(relay.said().match(/select/g)).toHaveLength(1);
});

const ARRAYS: [string, unknown[]][] = [
  ['text', ['plain', '', 'a "quoted" one', 'back\\slash', '{curly}, comma', ' blank ', 'NULL', null]],
  ['varchar', ['a']],
  ['uuid', ['0198a3c2-6f4e-7b1d-9c55-3f0a1b2c3d4e']],
  ['int2', [1, -1]],
  ['int4', [1, null, 2_147_483_647]],
  ['int8', ['9007199254740993', '-1']],
  ['float8', [1.5, -0.25]],
  ['text', []],
];

test.each(ARRAYS)('an array of %s comes back as it went', async (type, values) => {
  const [row] = await database.sql.unsafe(`select $1::${type}[] as values`, [values as string[]]);
  expect(row?.['values']).toEqual(values);
});

test('an array of truths is read as one', async () => {
  expect(await database.sql`select array[true, false, null] as values`).toMatchObject([
    { values: [true, false, null] },
  ]);
});
