import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Pool, Sql } from '../../../src/db/client.ts';
import { UnavailableError } from '../../../src/errors.ts';
import { loadSinger } from '../../../src/singer/load.ts';
import { DEFAULT_LOAD_SETTINGS } from '../../../src/singer/load-settings.ts';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';
import { type LoadOptions, loadLines, recordMessage, schemaMessage } from './load-lines.ts';

const ROWS = 3000;
const TRIALS = 3;
/** Makes a load larger than what fits between client and server. */
const note = 'x'.repeat(1000);

let test: TestDatabase;
let sql: Sql;
let pool: Pool;
beforeAll(async () => {
  test = await createTestDatabase();
  ({ sql, pool } = test.database);
});
beforeEach(() => sql`drop schema if exists staging cascade`);
afterAll(() => test.close());

const gone = { code: 'singer.database_unavailable', retry: 'transient' };
const kill = (pid: number) => sql`select pg_terminate_backend(${pid})`;

function messages(keys: string[], rows = ROWS): object[] {
  const head = schemaMessage('p', { id: { type: 'integer' }, note: { type: 'string' } }, keys);
  const records = Array.from({ length: rows }, (_each, id) => recordMessage('p', { id, note }));
  return [head, ...records, { type: 'STATE', value: { rows } }];
}

/** Ends the connection that writes row 500: while rows after it are on their way, or when its transaction commits. */
async function armTable(deferred: boolean): Promise<void> {
  const kind = deferred
    ? 'constraint trigger die after insert or update on staging.p deferrable initially deferred'
    : 'trigger die before insert on staging.p';
  await sql.unsafe(`
    create or replace function staging.die() returns trigger language plpgsql as
      $$begin perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(10); return new; end$$;
    create ${kind} for each row when (new.id = 500) execute function staging.die()`);
}

async function expectRerunIsWhole(options: LoadOptions = {}): Promise<void> {
  await loadLines(pool, messages(['id']), options);
  const [row] = await sql`select count(*)::int as n, count(distinct id)::int as ids from staging.p`;
  expect(row).toEqual({ n: ROWS, ids: ROWS });
}

describe.each([
  { table: 'empty and keyed', keys: ['id'], first: 0 },
  { table: 'keyed, with rows in it', keys: ['id'], first: 10 },
  { table: 'without keys', keys: [], first: 0 },
])('a connection that dies, table $table', ({ keys, first }) => {
  it.each([
    { when: 'while rows are written', deferred: false },
    { when: 'at commit', deferred: true },
  ])('$when: the load ends as unavailable and nothing of it stays', async ({ deferred }) => {
    for (let trial = 0; trial < TRIALS; trial += 1) {
      await sql`drop schema if exists staging cascade`;
      await loadLines(pool, messages(keys, first));
      await armTable(deferred);
      const states: string[] = [];
      const dying = loadLines(pool, messages(keys), {
        hooks: { onState: (state) => void states.push(state) },
      });
      await expect(dying).rejects.toMatchObject(gone);
      await expect(dying).rejects.toBeInstanceOf(UnavailableError);
      expect(await sql`select count(*)::int as n from staging.p`).toMatchObject([{ n: first }]);
      expect(states).toEqual([]);
    }
    if (keys.length === 0) return;
    await sql`drop trigger die on staging.p`;
    await expectRerunIsWhole();
  });
});

describe('a connection that dies', () => {
  it('between two statements: the load ends as unavailable, the pool goes on', async () => {
    for (let trial = 0; trial < TRIALS; trial += 1) {
      const guardCommit: NonNullable<LoadOptions['hooks']>['guardCommit'] = async (query) => {
        const [row] = await query('select pg_backend_pid() as pid', []);
        await kill((row as { pid: number }).pid);
        if (trial % 2) await query('select 1', []);
      };
      await expect(loadLines(pool, messages(['id']), { hooks: { guardCommit } })).rejects.toMatchObject(gone);
      expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    }
    await expectRerunIsWhole();
  });

  it('while the tap is silent: the load ends without waiting for the next message', async () => {
    for (let trial = 0; trial < TRIALS; trial += 1) {
      const source = new PassThrough();
      const pids: number[] = [];
      const stored = Promise.withResolvers<void>();
      const loading = loadSinger({
        source,
        pool,
        settings: { ...DEFAULT_LOAD_SETTINGS, targetSchema: 'staging', flushIntervalMs: 10 },
        hooks: {
          onState: () => stored.resolve(),
          async guardCommit(query) {
            const [row] = await query('select pg_backend_pid() as pid', []);
            pids.push((row as { pid: number }).pid);
          },
        },
      });
      for (const message of messages(['id'], 5)) source.write(`${JSON.stringify(message)}\n`);
      await stored.promise;
      await Promise.all([expect(loading).rejects.toMatchObject(gone), kill(pids[0] ?? 0)]);
      expect(await sql`select count(*)::int as n from staging.p`).toMatchObject([{ n: 5 }]);
      expect(source.destroyed).toBe(true);
    }
    await expectRerunIsWhole();
  });

  it('a database that is not there is unavailable too', async () => {
    const { openPool } = await import('../../../src/db/pool.ts');
    const nobody = openPool('postgres://u:p@127.0.0.1:1/none', {
      maxConnections: 1,
      applicationName: 'test',
    });
    await expect(loadLines(nobody, messages(['id'], 1))).rejects.toMatchObject(gone);
    await nobody.end();
  });

  it('an abort does not wait for a statement that waits for a lock', async () => {
    await loadLines(pool, messages(['id'], 1));
    const controller = new AbortController();
    const holder = await pool.connect();
    try {
      await holder.query('begin; lock table staging.p in access exclusive mode');
      const loading = loadLines(pool, messages(['id']), { signal: controller.signal });
      await untilSomebodyWaits();
      controller.abort(new Error('cancelled by a person'));
      await expect(loading).rejects.toThrow('cancelled by a person');
    } finally {
      await holder.query('rollback');
      holder.release();
    }
    expect(await sql`select count(*)::int as n from staging.p`).toMatchObject([{ n: 1 }]);
  });
});

async function untilSomebodyWaits(): Promise<void> {
  for (;;) {
    const waiting =
      await sql`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    if (waiting.length > 0) return;
  }
}
