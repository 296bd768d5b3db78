import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { pickRows } from '../../../src/adapters/runner/fivetran/pick-rows.ts';
import type { FivetranState } from '../../../src/adapters/runner/fivetran/run-state.ts';
import { type Database, openDatabase } from '../../../src/db/client.ts';
import { runSql } from '../../harness/admin.ts';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';

const SCHEMA = 'etl_staging_salesforce_1a2b3c4d';
const suffix = randomBytes(4).toString('hex');
const [FIVETRAN, IVORY] = [`fivetran_${suffix}`, `ivory_${suffix}`] as const;

let made: TestDatabase;
let ivory: Database;
beforeAll(async () => {
  made = await createTestDatabase();
  await made.database.sql.unsafe(`create role ${FIVETRAN}; create role ${IVORY} login password 'ivory';
    create schema ${SCHEMA} authorization ${FIVETRAN}`);
  await asFivetran(`create table ${SCHEMA}.account (id text primary key, name text, _fivetran_deleted boolean,
      _fivetran_synced timestamptz);
    insert into ${SCHEMA}.account values ('001', 'Acme', false, '2024-03-28T12:00:00Z')`);
  const url = new URL(made.url);
  url.username = IVORY;
  url.password = 'ivory';
  ivory = openDatabase(url.href);
});
afterAll(async () => {
  await ivory.close();
  await made.close();
  await runSql(inject('adminUrl'), `drop role ${IVORY}, ${FIVETRAN}`);
});

/** As the login that Fivetran writes with: one message, so one transaction. */
async function asFivetran(statements: string): Promise<void> {
  await made.database.sql.unsafe(`set local role ${FIVETRAN}; ${statements}`);
}

function pick(loadId: number, state: FivetranState | null = null) {
  return pickRows({
    pool: ivory.pool,
    session: 'ivory run test',
    guardCommit: async () => {},
    stagingSchema: SCHEMA,
    loadId,
    lostLoads: [],
    state,
    onProgress() {},
    log() {},
    signal: new AbortController().signal,
  });
}

test('without rights on Fivetran’s tables the run fails and says what to grant; as a member of its role it reads them', async () => {
  const refusal = await pick(1).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'fivetran.staging_denied', retry: 'terminal' });
  expect(String(refusal)).toContain('a member of the role Fivetran writes with');

  await made.database.sql.unsafe(`grant ${FIVETRAN} to ${IVORY}`);
  expect((await pick(2)).streams).toMatchObject({ account: { rows: 1 } });
});

test('Fivetran goes on writing its tables without any right on what Ivory has added', async () => {
  await made.database.sql.unsafe(`grant ${FIVETRAN} to ${IVORY}`);
  await pick(3);
  await asFivetran(`insert into ${SCHEMA}.account values ('002', 'Beta', false, '2024-03-28T12:01:00Z')
      on conflict (id) do update set name = excluded.name;
    update ${SCHEMA}.account set name = 'Acme & Co', _fivetran_synced = '2024-03-28T12:01:00Z' where id = '001';
    alter table ${SCHEMA}.account add column phone text;
    alter table ${SCHEMA}.account drop column _fivetran_deleted;
    update ${SCHEMA}.account set phone = '1'`);
  const read = { succeededAt: null, tables: new Map([['account', '2024-03-28T12:01:00Z']]) };
  expect((await pick(4, read)).streams).toMatchObject({ account: { rows: 2 } });
});
