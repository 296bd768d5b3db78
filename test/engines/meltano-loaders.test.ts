import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MeltanoLoader } from '../../src/adapters/runner/meltano/loader.ts';
import { readyTap } from '../../src/adapters/runner/meltano/tap-start.ts';
import { createPluginRegistry } from '../../src/adapters/runner/plugins/registry.ts';
import { findBubblewrap } from '../../src/adapters/runner/process/bubblewrap.ts';
import { createProcessHost, type ProcessHost } from '../../src/adapters/runner/process/process-host.ts';
import type { RunSpec } from '../../src/ports/runner.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';
import { engines } from '../harness/engines.ts';
import { TAP_POSTGRES } from '../harness/flights-source.ts';
import { createTestMeltanoRunner } from '../harness/meltano.ts';

/** What differs from load to load, and Ivory's own mark. */
const OF_THE_LOAD = [
  '_ivory_load_id',
  '_sdc_extracted_at',
  '_sdc_received_at',
  '_sdc_batched_at',
  '_sdc_sequence',
  '_sdc_sync_started_at',
];

const SOURCE = `
  create table "Deals" (
    id bigint primary key, "Name" text, amount numeric(20, 4), share double precision, small smallint, active boolean,
    signed_on date, signed_at timestamptz, seen_at timestamp, clock time, tags text[], numbers integer[], details jsonb, code uuid,
    label varchar(20), fixed char(4), bare numeric);
  insert into "Deals" values
    (9007199254740993, 'é "x" \\N 😀' || chr(9) || chr(10), 1234.5678, 1.0 / 3, -7, true,
     '2024-02-29', '2024-02-29T23:59:59.123456+02', '2024-01-01 00:00:00.5', '12:34:56', '{a,"b,c"}', '{1,2}',
     '{"a": {"b": [1, null, "x"]}}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'label', 'ab', 0.1),
    (2, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null),
    (3, '', 0, 0, 0, false, '0001-01-01', '1970-01-01Z', '2999-12-31', '00:00', '{}', '{}', '[]',
     '00000000-0000-0000-0000-000000000000', '', '', 1e15);
  create table pairs (a integer, b text, primary key (b, a));
  insert into pairs values (1, 'x'), (2, 'x'), (1, 'y');
  create table log_lines (line text, at timestamptz);
  insert into log_lines select 'line ' || n, '2026-01-01Z' from generate_series(1, 500) n;
  create table empty_one (id integer primary key, note text);
  create table precise (id integer primary key, amount numeric);
  insert into precise values (1, 12345678901234567890.0123456789);`;

const hasBubblewrap = findBubblewrap('/usr/local/bin:/usr/bin:/bin') !== null;

describe.skipIf(!engines.hasPlugins())('both loaders of Meltano', () => {
  let source: TestDatabase;
  let staging: TestDatabase;
  beforeAll(async () => {
    source = await createTestDatabase();
    await source.database.sql.unsafe(SOURCE);
    staging = await createTestDatabase();
    await load('by_ivory', { kind: 'ivory' });
    await load('by_target_postgres', { kind: 'target-postgres', databaseUrl: staging.url });
  });
  afterAll(async () => {
    await source.close();
    await staging.close();
  });

  async function load(stagingSchema: string, loader: MeltanoLoader, host?: ProcessHost) {
    const lines: string[] = [];
    const hooks = {
      log: (line: string) => void lines.push(line),
      progress() {},
      guardCommit: async () => {},
    };
    const runner = createTestMeltanoRunner({ pool: staging.database.pool, loader, ...(host && { host }) });
    const outcome = await runner.execute(specOf(stagingSchema), hooks, new AbortController().signal);
    expect({ ...outcome, lines }).toMatchObject({ status: 'completed', rowsWritten: 507 });
  }

  function specOf(stagingSchema: string): RunSpec {
    const { hostname, port, username: user, password, pathname } = new URL(source.url);
    const runId = crypto.randomUUID();
    return {
      tenantId: 'acme',
      connectorId: 'c',
      sourceSystem: 'postgres',
      tapName: 'tap-postgres',
      tapVersion: TAP_POSTGRES,
      meltanoEnvironment: 'prod',
      config: {
        host: hostname,
        port,
        user,
        password,
        database: pathname.slice(1),
        filter_schemas: ['public'],
      },
      runId,
      trigger: 'manual',
      state: null,
      stagingSchema,
      stagingSession: `ivory run ${runId}`,
      loadId: 1,
    };
  }

  test('make the same tables with the same columns and types, in the same order', async () => {
    expect(await columns('by_ivory')).toEqual(await columns('by_target_postgres'));
  });

  test('give them the same keys', async () => {
    expect(await keys('by_ivory')).toEqual(await keys('by_target_postgres'));
  });

  test.each([
    ['Deals', 3],
    ['pairs', 3],
    ['log_lines', 500],
    ['empty_one', 0],
  ])('write the same rows into %s', async (table, count) => {
    expect(await differing(table)).toEqual([]);
    const { sql } = staging.database;
    expect(await sql`select 1 from ${sql('by_ivory')}.${sql(table)}`).toHaveLength(count);
  });

  test("a number beyond a double's precision is whole in Ivory's table and rounded in the other", async () => {
    const { sql } = staging.database;
    const [ours] = await sql`select amount::text from by_ivory.precise`;
    const [theirs] = await sql`select amount::text from by_target_postgres.precise`;
    expect([ours?.amount, theirs?.amount]).toEqual([
      '12345678901234567890.0123456789',
      '12345678901234567000',
    ]);
  });

  test('were fed by the version that is pinned', async () => {
    const runner = {
      registry: createPluginRegistry({ protocol: 'singer', tapsFile: undefined }),
      environments: engines.plugins(),
    };
    const waiter = { log() {}, signal: new AbortController().signal };
    const { environment } = await readyTap(runner, specOf('by_ivory'), waiter);
    const { stdout } = await promisify(execFile)(environment.executable, ['--version']);
    expect(stdout).toContain(`tap-postgres v${TAP_POSTGRES},`);
  });

  test("a null in a jsonb column is SQL's NULL in Ivory's table and JSON's null in the other", async () => {
    const { sql } = staging.database;
    const detailsIn = (schema: string) =>
      sql`select pg_typeof(details)::text as type, details::text as text from ${sql(schema)}."Deals" where id = 2`;
    expect([...(await detailsIn('by_ivory')), ...(await detailsIn('by_target_postgres'))]).toEqual([
      { type: 'jsonb', text: null },
      { type: 'jsonb', text: 'null' },
    ]);
  });

  test.skipIf(!hasBubblewrap).each(['ivory', 'target-postgres'] as const)(
    'find all they need in a sandbox, as do Meltano and the tap: %s',
    async (kind) => {
      const limits = { memoryBytes: 2 * 1024 ** 3, cpuS: 600, diskBytes: 1024 ** 3 };
      const host = createProcessHost({ limits, sandbox: 'bwrap' });
      const schema = `boxed_${kind.slice(0, 5)}`;
      await load(schema, kind === 'ivory' ? { kind } : { kind, databaseUrl: staging.url }, host);
      expect(await staging.database.sql`select id from ${staging.database.sql(schema)}.precise`).toHaveLength(
        1,
      );
    },
  );

  async function columns(schema: string) {
    const found = await staging.database.sql`
      select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relnamespace = ${schema}::regnamespace and c.relkind = 'r' and a.attname <> '_ivory_load_id'
      order by c.relname, a.attnum`;
    return found.map((row) => ({ ...row }));
  }

  async function keys(schema: string) {
    const found = await staging.database.sql`
      select conrelid::regclass::text as table, pg_get_constraintdef(oid) as key from pg_constraint
      where connamespace = ${schema}::regnamespace and contype = 'p' order by 1`;
    return found.map(({ table, key }) => ({ table: String(table).split('.')[1], key }));
  }

  /** Rows that only one of them has. */
  async function differing(table: string): Promise<unknown[]> {
    const { sql } = staging.database;
    const rows = (schema: string) =>
      sql`select to_jsonb(t) - ${OF_THE_LOAD}::text[] as row from ${sql(schema)}.${sql(table)} t`;
    const [ours, theirs] = [rows('by_ivory'), rows('by_target_postgres')];
    const found = await sql`(${ours} except all ${theirs}) union all (${theirs} except all ${ours})`;
    return found.map(({ row }) => row as unknown);
  }
});
