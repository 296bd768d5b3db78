import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { ensureMeltano } from '../../src/adapters/runner/plugins/meltano.ts';
import { openSyncBench } from '../harness/airbyte/sync-bench.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';
import { engines } from '../harness/engines.ts';
import { TAP_POSTGRES } from '../harness/flights-source.ts';
import { createTestMeltanoRunner, registryWithScript } from '../harness/meltano.ts';

const ECHO = fileURLToPath(new URL('../harness/echo-tap.ts', import.meta.url));
const IVORY_TARGET = fileURLToPath(new URL('../../bin/ivory-target', import.meta.url));

describe.skipIf(!engines.hasPlugins())('loaders under Meltano', () => {
  let source: TestDatabase;
  beforeEach(async () => {
    source = await createTestDatabase();
  });
  afterEach(() => source.close());

  test('target-postgres by setting: every run loads what it moved and nothing else, from slot to lakehouse', async () => {
    const { sql } = source.database;
    await sql`create table deals (id integer primary key, stage text, updated_at timestamptz)`;
    await sql`insert into deals select n, 'new', '2026-01-01Z'::timestamptz + n * interval '1 day' from generate_series(1, 3) n`;
    const bench = await openSyncBench(({ database, databaseUrl }) =>
      createTestMeltanoRunner({
        pool: database.pool,
        loader: { kind: 'target-postgres', databaseUrl },
      }),
    );
    onTestFinished(() => bench.close());
    const connector = await bench.connector(
      {
        ...login(),
        filter_schemas: ['public'],
        _select: ['public-deals.*'],
        _metadata: { '*': { 'replication-method': 'INCREMENTAL', 'replication-key': 'updated_at' } },
      },
      {
        tapName: 'tap-postgres',
        tapVersion: TAP_POSTGRES,
        sourceSystem: 'postgres',
        destinationTable: 'deals',
      },
    );
    const first = await bench.sync(connector.id);
    expect(first).toMatchObject({ history: { status: 'completed', rowsSynced: 3, rowsLoaded: 3 } });
    expect(first.log).toContain('target-postgres info:');

    await sql`update deals set stage = 'won', updated_at = '2026-02-01Z' where id = 2`;
    await sql`update deals set updated_at = '2026-02-02Z' where id = 3`;
    const second = await bench.sync(connector.id);
    expect(second).toMatchObject({ history: { status: 'completed', rowsSynced: 2, rowsLoaded: 2 } });
    expect(second.tapState).toContain('2026-02-02');
    const rows = await bench.deps.database
      .sql`select id::int, stage from ivory_tenant_acme.deals order by id`;
    expect(rows).toEqual([
      { id: 1, stage: 'new' },
      { id: 2, stage: 'won' },
      { id: 3, stage: 'new' },
    ]);
  });

  test('target-postgres is given nothing of two streams it would write into one table', async () => {
    const { sql } = source.database;
    await sql`create schema app`;
    for (const schema of ['public', 'app']) {
      await sql`create table ${sql(schema)}.sm (id integer primary key, note text)`;
      await sql`insert into ${sql(schema)}.sm values (1, ${schema}), (2, ${schema})`;
    }
    const bench = await openSyncBench(({ database, databaseUrl }) =>
      createTestMeltanoRunner({
        pool: database.pool,
        loader: { kind: 'target-postgres', databaseUrl },
      }),
    );
    onTestFinished(() => bench.close());
    const connector = await bench.connector(
      { ...login(), _select: ['*-sm.*'] },
      {
        tapName: 'tap-postgres',
        tapVersion: TAP_POSTGRES,
        sourceSystem: 'postgres',
        destinationTable: 'sm',
      },
    );
    const run = await bench.sync(connector.id);
    expect(run).toMatchObject({
      history: { status: 'failed', errorCode: 'loader.table_collision', rowsLoaded: 0 },
      tapState: null,
    });
    expect(run.log).toMatch(/"(public|app)-sm" and "(public|app)-sm" into one table "sm"/);
  });

  test("ivory-target as the loader of somebody's own Meltano project loads and hands its state to Meltano", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ivory-own-project-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const { tapsFile, remove } = await registryWithScript('tap-echo', ECHO);
    onTestFinished(remove);
    const plugins = {
      extractors: [
        {
          name: 'tap-echo',
          namespace: 'tap_echo',
          executable: join(tapsFile, '..', 'tap-echo'),
          capabilities: ['catalog', 'discover', 'state'],
        },
      ],
      loaders: [
        {
          name: 'ivory-target',
          namespace: 'ivory_target',
          executable: IVORY_TARGET,
          settings: [{ name: 'database_url', kind: 'password' }, { name: 'default_target_schema' }],
          config: { database_url: source.url, default_target_schema: 'own' },
        },
      ],
    };
    const project = { send_anonymous_usage_stats: false, environments: [{ name: 'dev' }], plugins };
    await writeFile(join(folder, 'meltano.yml'), JSON.stringify(project));
    const run = await meltano(folder, 'run', 'tap-echo', 'ivory-target');
    expect(run).toMatchObject({ code: 0 });
    expect(await source.database.sql`select id::int from own.echo`).toEqual([{ id: 1 }]);
    const state = await meltano(folder, 'state', 'get', 'dev:tap-echo-to-ivory-target');
    expect(JSON.parse(state.stdout)).toEqual({ singer_state: { echoed: true } });
  });

  function login() {
    const { hostname: host, port, username: user, password, pathname } = new URL(source.url);
    return { host, port, user, password, database: pathname.slice(1) };
  }

  async function meltano(cwd: string, ...args: string[]) {
    const signal = new AbortController().signal;
    const { executable } = await ensureMeltano(engines.plugins(), { signal, log() {} });
    const child = spawn(executable, ['--environment', 'dev', ...args], {
      cwd,
      env: { PATH: '/usr/bin:/bin', HOME: cwd, MELTANO_CLI_DISABLE_VERSION_CHECK: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { stdout, stderr, code: code as unknown };
  }
});
