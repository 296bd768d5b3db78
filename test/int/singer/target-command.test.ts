import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';
import { recordMessage, schemaMessage } from './load-lines.ts';

let test: TestDatabase;
let folder: string;
beforeAll(async () => {
  test = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'ivory-target-'));
});
afterAll(async () => {
  await test.close();
  await rm(folder, { recursive: true });
});

async function start(config: object) {
  const path = join(folder, `${crypto.randomUUID()}.json`);
  await writeFile(path, JSON.stringify(config));
  const child = spawn(process.execPath, ['bin/ivory.js', 'target', '--config', path], { stdio: 'pipe' });
  child.stdin.on('error', () => {});
  const outcome = Promise.all([
    text(child.stdout).catch(() => ''),
    text(child.stderr),
    once(child, 'close'),
  ]).then(([stdout, stderr, [code]]) => ({ stdout, stderr, code }));
  return { child, outcome };
}

function input(...messages: object[]): string {
  return messages.map((message) => `${JSON.stringify(message)}\n`).join('');
}

const url = () =>
  test.url
    .replace('postgres://', 'postgresql+psycopg2://')
    .replace('postgresql://', 'postgresql+psycopg2://');
const head = schemaMessage('people', { id: { type: 'integer' } }, ['id']);

describe('ivory target', () => {
  it('loads stdin, answers the state on stdout and logs JSON lines', async () => {
    const { child, outcome } = await start({ sqlalchemy_url: url(), default_target_schema: 'cli' });
    child.stdin.end(input(head, recordMessage('people', { id: 1 }), { type: 'STATE', value: { id: 1 } }));
    const { stdout, stderr, code } = await outcome;
    expect({ stdout, code }).toEqual({ stdout: '{"id":1}\n', code: 0 });
    expect(
      stderr
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([{ level: 'info', rows: 1 }]);
    expect(await test.database.sql`select id from cli.people`).toHaveLength(1);
  });

  it('exits 1 with the code and place of what is wrong', async () => {
    const { child, outcome } = await start({ database_url: test.url });
    child.stdin.end(`${input(head)}{"type":"RECORD","stream":"people","rec`);
    const { stderr, code } = await outcome;
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({
      code: 'singer.invalid_message',
      msg: expect.stringContaining('Line 2'),
    });
  });

  it('refuses settings it does not support', async () => {
    const { outcome } = await start({ database_url: test.url, flattening_enabled: true });
    expect(await outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('flattening_enabled') });
  });

  it('says so when the database refuses it, without the password', async () => {
    const { sql } = test.database;
    const user = `ivory_target_${crypto.randomUUID().slice(0, 8)}`;
    await sql.unsafe(`create role ${user} login password 'right-secret'`);
    try {
      const login = (password: string) => Object.assign(new URL(test.url), { username: user, password });
      const missing = Object.assign(new URL(test.url), { pathname: '/no_such_database' });
      for (const at of [login('right-secret'), login('wrong-secret'), missing]) {
        const { child, outcome } = await start({ database_url: at.href, default_target_schema: 'forbidden' });
        child.stdin.end(input(head, recordMessage('people', { id: 1 })));
        const { code, stderr } = await outcome;
        expect(code).toBe(1);
        expect(JSON.parse(stderr)).toMatchObject({ level: 'error', code: 'target.database_refused' });
        expect(stderr).not.toContain('secret');
      }
    } finally {
      await sql.unsafe(`drop role ${user}`);
    }
  });

  it('SIGTERM ends it with 1 while the tap still has its end open', async () => {
    const { child, outcome } = await start({
      database_url: test.url,
      default_target_schema: 'stopped',
      flush_interval_s: 0.05,
    });
    child.stdin.write(input(head, recordMessage('people', { id: 1 }), { type: 'STATE', value: 1 }));
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    const { code, stderr } = await outcome;
    expect(code).toBe(1);
    expect(stderr).toContain('target.interrupted');
  });

  it('a run whose fence moved on commits nothing', async () => {
    const config = {
      database_url: test.url,
      default_target_schema: 'fenced',
      run_id: crypto.randomUUID(),
      fence: 3,
    };
    const { child, outcome } = await start(config);
    child.stdin.end(input(head, recordMessage('people', { id: 1 })));
    expect(await outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('run.lease_lost') });
    expect(await test.database.sql`select 1 from pg_namespace where nspname = 'fenced'`).toHaveLength(0);
  });

  it('SIGTERM with nothing read yet, and input that never comes, ends it too', async () => {
    const { child, outcome } = await start({ database_url: test.url, default_target_schema: 'early' });
    await untilConnected();
    child.kill('SIGTERM');
    expect(await outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('target.interrupted') });
  });

  it('a database that ends the connection while the tap is silent ends it with 1 and one clear line', async () => {
    const { child, outcome } = await start({
      database_url: test.url,
      default_target_schema: 'dying',
      flush_interval_s: 0.05,
    });
    child.stdin.write(input(head, recordMessage('people', { id: 1 }), { type: 'STATE', value: 1 }));
    await once(child.stdout, 'data');
    await test.database.sql`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'ivory target' and datname = current_database()`;
    const { code, stderr } = await outcome;
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(stderr)).toMatchObject({ level: 'error', code: 'singer.database_unavailable' });
  });

  it('a reader of the states that goes away ends it with 1, also when the last state is the first', async () => {
    const { child, outcome } = await start({ database_url: test.url, default_target_schema: 'unread' });
    child.stdout.destroy();
    child.stdin.end(input(head, recordMessage('people', { id: 1 }), { type: 'STATE', value: 1 }));
    const { code, stderr } = await outcome;
    expect(code).toBe(1);
    expect(
      stderr
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([{ code: 'target.output_closed' }]);
  });

  it('SIGKILL anywhere and a rerun give the same keyed table, and no state was told too early', async () => {
    const rows = 4000;
    const messages: object[] = [head];
    for (let id = 1; id <= rows; id += 1) {
      messages.push(recordMessage('people', { id: id % 3000 }));
      if (id % 500 === 0) messages.push({ type: 'STATE', value: { id } });
    }
    const all = Buffer.from(input(...messages));
    for (let trial = 0; trial < 10; trial += 1) {
      const schema = `killed_${trial}`;
      const config = { database_url: test.url, default_target_schema: schema, batch_size_rows: 300 };
      const killed = await start(config);
      const cut = Math.floor((all.length * (trial + 1)) / 11) + trial * 13;
      killed.child.stdin.write(all.subarray(0, cut), () => killed.child.kill('SIGKILL'));
      const { stdout } = await killed.outcome;
      const told = stdout
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).id);
      if (told.length > 0) expect(await countOf(schema)).toBeGreaterThanOrEqual(Math.min(told.at(-1), 2999));
      const again = await start(config);
      again.child.stdin.end(all);
      expect(await again.outcome).toMatchObject({ code: 0 });
      expect(await countOf(schema)).toBe(3000);
    }
  });
});

async function countOf(schema: string): Promise<number> {
  const [row] = await test.database.sql`select count(*)::int as n from ${test.database.sql(schema)}.people`;
  return row?.['n'];
}

async function untilConnected(): Promise<void> {
  for (;;) {
    const found = await test.database
      .sql`select 1 from pg_stat_activity where application_name = 'ivory target' and datname = current_database()`;
    if (found.length > 0) return;
  }
}
