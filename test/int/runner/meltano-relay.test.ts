import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { countMessages } from '../../../src/adapters/runner/meltano/count-messages.ts';
import { openRelay, type Relay } from '../../../src/adapters/runner/meltano/relay.ts';
import { loadRelayed } from '../../../src/adapters/runner/meltano/relayed-load.ts';
import type { CommitGuard } from '../../../src/ports/runner.ts';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';
import { TARGET } from '../../harness/meltano.ts';
import { recordMessage, schemaMessage } from '../singer/load-lines.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

let root: string;
let relay: Relay;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ivory-relay-'));
  relay = await openRelay({ path: root, write: () => Promise.reject(new Error('nothing is written')) });
});
afterEach(async () => {
  await relay.close();
  await rm(root, { recursive: true });
});

const HEAD = schemaMessage('people', { id: { type: 'integer' } }, ['id']);
const messages = (...all: object[]) => all.map((message) => `${JSON.stringify(message)}\n`).join('');
const ROWS = messages(HEAD, recordMessage('people', { id: 1 }), recordMessage('people', { id: 2 }));
const STATE = '{"type":"STATE","value":{"at":9007199254740993}}\n';

interface Started {
  child: ChildProcessWithoutNullStreams;
  ended: Promise<{ stdout: string; stderr: string; code: unknown }>;
}

/** `ivory target` as Meltano starts it: by its path, with an environment of its own. */
async function start(config: object): Promise<Started> {
  const file = join(root, 'config.json');
  await writeFile(file, JSON.stringify(config));
  const child = spawn(TARGET.executable, ['--config', file], { cwd: '/', env: TARGET.env, stdio: 'pipe' });
  child.stdin.on('error', () => {});
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]).then(
    ([stdout, stderr, [code]]) => ({ stdout, stderr, code: code as unknown }),
  );
  return { child, ended };
}

/** The runner's side, into a schema of its own. */
async function load(schema: string, guardCommit: CommitGuard = async () => {}) {
  const spec = {
    tenantId: 'acme',
    connectorId: 'c',
    sourceSystem: 's',
    tapName: 'tap-x',
    tapVersion: null,
    meltanoEnvironment: 'prod',
    config: {},
    runId: 'r',
    state: null,
    stagingSchema: schema,
    stagingSession: 'ivory run r',
    loadId: 7,
  };
  const hooks = { log() {}, progress() {}, guardCommit };
  const signal = new AbortController().signal;
  return loadRelayed(
    { spec, hooks, signal, redact: (line) => line },
    database.database.pool,
    await relay.connection,
  );
}

test('what the target reads is loaded by the worker, and a state comes back only when its rows are durable', async () => {
  const { child, ended } = await start({ relay_socket: relay.path });
  let answered = '';
  child.stdout.on('data', (chunk: Buffer) => {
    answered += String(chunk);
  });
  const before: string[] = [];
  const loaded = load('relay_good', async () => void before.push(answered));
  child.stdin.end(ROWS + STATE);
  expect(await loaded).toMatchObject({ rows: 2, state: '{"at":9007199254740993}' });
  expect(await ended).toMatchObject({ stdout: '{"at":9007199254740993}\n', stderr: '', code: 0 });
  expect(new Set(before)).toEqual(new Set(['']));
  expect(
    await database.database.sql`select id, _ivory_load_id::int as load from relay_good.people order by id`,
  ).toEqual([
    { id: '1', load: 7 },
    { id: '2', load: 7 },
  ]);
});

test('a load that fails ends the target with exit code 1 and the reason', async () => {
  const { child, ended } = await start({ relay_socket: relay.path });
  child.stdin.write(`${ROWS}this is no message\n`);
  await expect(load('relay_bad')).rejects.toMatchObject({ code: 'singer.invalid_message' });
  expect(await ended).toMatchObject({
    stdout: '',
    code: 1,
    stderr: expect.stringMatching(/target\.relay_failed.*Line 4/),
  });
});

test('a worker that goes away ends the target with exit code 1', async () => {
  const { child, ended } = await start({ relay_socket: relay.path });
  child.stdin.write(ROWS);
  (await relay.connection).destroy();
  expect(await ended).toMatchObject({ code: 1, stderr: expect.stringContaining('went away') });
});

test('without a worker the target says so and reads nothing', async () => {
  const { ended } = await start({ relay_socket: join(root, 'nobody.sock') });
  expect(await ended).toMatchObject({ code: 1, stderr: expect.stringContaining('No runner listens') });
});

test('a folder may have a path longer than an address of a socket', async () => {
  const path = join(root, 'a'.repeat(100), 'b'.repeat(100));
  await mkdir(path, { recursive: true });
  await relay.close();
  relay = await openRelay({ path, write: () => Promise.reject(new Error('nothing is written')) });
  const { child, ended } = await start({ relay_socket: relay.path });
  child.stdin.end(ROWS + STATE);
  expect(await load('relay_long')).toMatchObject({ rows: 2 });
  expect(await ended).toMatchObject({ code: 0 });
});

test('only the first who comes is let in', async () => {
  const first = await start({ relay_socket: relay.path });
  await relay.connection;
  const second = await start({ relay_socket: relay.path });
  expect(await second.ended).toMatchObject({ code: 1 });
  first.child.stdin.end(ROWS);
  expect(await load('relay_first')).toMatchObject({ rows: 2 });
});

test('where another program loads, the messages go on unchanged and the worker counts them', async () => {
  const { child, ended } = await start({ relay_socket: relay.path, pass_on: true });
  const many = ROWS + messages(recordMessage('people', { id: 3, name: 'é\u2028'.repeat(200_000) })) + STATE;
  child.stdin.end(many);
  const seen: unknown[] = [];
  const counts = await countMessages(await relay.connection, (stats) => seen.push(stats));
  expect(counts).toMatchObject({ people: { rows: 3 } });
  expect(seen.at(-1)).toEqual(counts);
  const { stdout, code } = await ended;
  expect({ code, same: stdout === many }).toEqual({ code: 0, same: true });
});

test('two streams of one table end where another program loads: it reads nothing of the second, and the worker knows why', async () => {
  const { child, ended } = await start({ relay_socket: relay.path, pass_on: true });
  const of = (stream: string) => schemaMessage(stream, { id: { type: 'integer' } }, ['id']);
  const first = messages(of('public-sm'), recordMessage('public-sm', { id: 1, said: '"SCHEMA"' }));
  const second = messages(of('app-sm'), recordMessage('app-sm', { id: 1 }));
  const counted = countMessages(await relay.connection, () => {});
  child.stdin.write(first);
  await once(child.stdout, 'readable');
  child.stdin.end(second);
  await expect(counted).rejects.toMatchObject({
    code: 'loader.table_collision',
    message: expect.stringMatching(/"public-sm" and "app-sm".*"sm".*MELTANO_LOADER=ivory/),
  });
  expect(await ended).toMatchObject({
    stdout: first,
    code: 1,
    stderr: expect.stringContaining('loader.table_collision'),
  });
});
