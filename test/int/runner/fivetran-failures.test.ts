import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealConfig } from '../../../src/domain/config-envelope.ts';
import { cancelRun } from '../../../src/services/runs/cancel.ts';
import { hearSource } from '../../../src/services/webhook/hear-source.ts';
import { connectorRow, historyOf, runsOf, tenantContext } from '../../harness/connectors.ts';
import { TEST_CONFIG_KEY } from '../../harness/context.ts';
import {
  type FivetranBench,
  noWaiting,
  openFivetranBench,
  STUB_CONFIG,
  startedSyncs,
} from '../../harness/fivetran-bench.ts';
import { STUB_KEY, STUB_SECRET, type StubReply } from '../../harness/fivetran-stub.ts';

const ACCOUNT = { columns: { id: 'text', name: 'text' }, key: ['id'] };
const ROWS = [{ id: '001', name: 'Acme' }];
const [T1, T2, T3] = [
  '2024-03-28T12:01:00.000001Z',
  '2024-03-28T12:02:00.000002Z',
  '2024-03-28T12:03:00.000003Z',
] as const;

let bench: FivetranBench;
let tables = 0;
beforeAll(async () => {
  bench = await openFivetranBench();
});
afterAll(() => bench.close());

async function registered(values: Parameters<FivetranBench['register']>[0] = {}) {
  tables += 1;
  const { connector, destination } = await bench.register({ destinationTable: `t_${tables}`, ...values });
  await destination.create('account', ACCOUNT);
  return {
    id: connector.id,
    destination,
    write: (synced: string, rows = ROWS) => destination.sync('account', ACCOUNT, rows, synced),
    lake: () => bench.lakeRows(`t_${tables}`, 'id, name'),
  };
}

/** A run that fails before anything is loaded; answers its history. */
async function failing(id: string) {
  await bench.execute(await bench.dispatch(id));
  const history = (await historyOf(bench.deps, id)).at(-1);
  if (!history) throw new Error('the run has not ended');
  return history;
}

const configured = (changes: Record<string, unknown>) => ({
  configEncrypted: sealConfig(TEST_CONFIG_KEY, { ...STUB_CONFIG, ...changes }),
});

describe('a run that cannot be', () => {
  test.each([
    ['no config', { configEncrypted: null }, 'connector.config_invalid', 0],
    ['a config of another kind', configured({ connection_id: '../users' }), 'connector.config_invalid', 0],
    ['a wrong key', configured({ api_secret: 'another-secret' }), 'fivetran.auth_error', 1],
    ['an unknown connection', configured({ connection_id: 'nobody' }), 'fivetran.connection_unknown', 1],
    ['a state of another tap', { tapState: '{"bookmarks":{}}' }, 'fivetran.state_invalid', 0],
  ])('for %s fails before any sync, is counted, and keeps the state', async (_, values, code, calls) => {
    const { id } = await registered(values);
    const before = await bench.stateOf(id);
    expect(await failing(id)).toMatchObject({ status: 'failed', errorCode: code });
    expect(bench.stub.requests).toHaveLength(calls);
    expect(startedSyncs(bench.stub)).toBe(0);
    expect(await connectorRow(bench.deps, id)).toMatchObject({ consecutiveFailures: 1 });
    expect(await bench.stateOf(id)).toEqual(before);
  });

  test.each([
    ['is paused', { sync_state: 'paused' }, { paused: true }, 'fivetran.paused', 'Enable it there'],
    [
      'is broken',
      { setup_state: 'broken', tasks: [{ code: 'reconnect', message: 'The token has expired' }] },
      {},
      'fivetran.setup_broken',
      'broken; reconnect: The token has expired',
    ],
    ['was never set up', { setup_state: 'incomplete' }, {}, 'fivetran.setup_broken', 'incomplete'],
    ['writes elsewhere', {}, { schema: 'crm' }, 'fivetran.schema_mismatch', '"crm"'],
  ])(
    'since the connection %s says so, and changes nothing at Fivetran',
    async (_, status, fields, code, words) => {
      const { id } = await registered();
      bench.stub.become(status, fields);
      const history = await failing(id);
      expect(history).toMatchObject({ status: 'failed', errorCode: code });
      expect(history.errorMsg).toContain(words);
      expect(bench.stub.requests).toEqual(['GET /v1/connections/speak_inexpensive']);
    },
  );
});

test('a sync that fails fails the run with the words of Fivetran; its rows come with the next good one', async () => {
  const { id, write, lake } = await registered();
  bench.stub.onSync = () => bench.stub.become({ sync_state: 'syncing' });
  bench.stub.onLook = async (nth) => {
    if (nth !== 2) return;
    await write(T1);
    bench.stub.become(
      { sync_state: 'scheduled', tasks: [{ code: 'permissions', message: 'The source refused' }] },
      { failed_at: T1 },
    );
  };
  const history = await failing(id);
  expect(history).toMatchObject({ status: 'failed', errorCode: 'fivetran.sync_failed' });
  expect(history.errorMsg).toContain('permissions: The source refused');
  expect(await bench.stateOf(id)).toBeNull();
  bench.syncs(async () => {}, T2);
  expect(await bench.carry(id)).toMatchObject({ status: 'completed', rowsLoaded: 1 });
  expect(await lake()).toEqual([['001', 'Acme']]);
});

test('a sync put off beyond the time of a run fails it and names the time', async () => {
  const { id } = await registered();
  const until = new Date(Date.now() + 30 * 3_600_000).toISOString();
  bench.stub.onSync = () => bench.stub.become({ sync_state: 'rescheduled', rescheduled_for: until });
  const history = await failing(id);
  expect(history).toMatchObject({ errorCode: 'fivetran.rescheduled' });
  expect(history.errorMsg).toContain(until);
});

test('a success without a schema to read is no success', async () => {
  const { id, destination } = await registered();
  await destination.run('drop schema {schema} cascade');
  bench.syncs(async () => {}, T1);
  expect(await failing(id)).toMatchObject({ status: 'failed', errorCode: 'fivetran.schema_missing' });
});

test('a rate limit costs time, not the run', async () => {
  const { id, write } = await registered();
  bench.syncs(() => write(T1), T1);
  const waits: number[] = [];
  bench.pausing.wait = (ms, signal) => {
    waits.push(ms);
    return noWaiting(ms, signal);
  };
  const limited: StubReply = {
    status: 429,
    headers: { 'retry-after': '42' },
    body: { code: 'TooManyRequests' },
  };
  bench.stub.replies = [limited, limited];
  expect(await bench.carry(id)).toMatchObject({ status: 'completed', rowsLoaded: 1 });
  bench.pausing.wait = noWaiting;
  expect(waits.slice(0, 2)).toEqual([42_000, 42_000]);
});

test('while Fivetran is away the run is given back, uncounted; then it goes on', async () => {
  const { id, write } = await registered();
  bench.stub.replies = Array.from({ length: 5 }, () => ({ status: 503 }));
  const runId = await bench.dispatch(id);
  await expect(bench.execute(runId)).rejects.toMatchObject({ code: 'fivetran.unavailable' });
  expect((await runsOf(bench.deps, id)).at(-1)).toMatchObject({ status: 'queued', leaseUntil: null });
  expect(await connectorRow(bench.deps, id)).toMatchObject({ consecutiveFailures: 0 });
  bench.syncs(() => write(T1), T1);
  await bench.execute(runId);
  await bench.load(runId);
  expect((await historyOf(bench.deps, id)).at(-1)).toMatchObject({ status: 'completed', rowsLoaded: 1 });
});

test('a worker that goes while it waits costs nothing: the next one joins the sync under way', async () => {
  const { id, write } = await registered();
  bench.stub.onSync = () => bench.stub.become({ sync_state: 'syncing' });
  const gone = new AbortController();
  bench.stub.onLook = (nth) => {
    if (nth === 3) gone.abort(new Error('the machine is gone'));
  };
  const runId = await bench.dispatch(id);
  await expect(bench.execute(runId, gone.signal)).rejects.toThrow();
  bench.stub.onLook = async (nth) => {
    if (nth !== 6) return;
    await write(T1);
    bench.stub.become({ sync_state: 'scheduled' }, { succeeded_at: T1 });
  };
  await bench.execute(runId);
  await bench.load(runId);
  expect((await historyOf(bench.deps, id)).at(-1)).toMatchObject({ status: 'completed', rowsLoaded: 1 });
  expect(startedSyncs(bench.stub)).toBe(1);
  expect(await bench.logOf(runId)).toContain('fivetran: joined the sync that is under way');
});

test('a cancelled run stops at once, and says that Fivetran goes on', async () => {
  const { id } = await registered();
  bench.stub.onSync = () => bench.stub.become({ sync_state: 'syncing' });
  const waiting = Promise.withResolvers<void>();
  bench.pausing.wait = (_, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      waiting.resolve();
    });
  const runId = await bench.dispatch(id);
  const executed = bench.execute(runId);
  await waiting.promise;
  await cancelRun(tenantContext(bench.deps), { connectorId: id, runId });
  await executed;
  bench.pausing.wait = noWaiting;
  expect((await historyOf(bench.deps, id)).at(-1)).toMatchObject({ status: 'cancelled' });
  expect(await bench.logOf(runId)).toContain("Ivory stops waiting; Fivetran's sync goes on");
});

test('a worker that was taken over marks no row', async () => {
  const { id, write } = await registered();
  bench.syncs(async () => {
    await write(T1);
    await bench.deps.database.sql`update etl.runner_jobs set fence = fence + 1 where connector_id = ${id}`;
  }, T1);
  const runId = await bench.dispatch(id);
  await bench.execute(runId);
  expect((await runsOf(bench.deps, id)).at(-1)).toMatchObject({ status: 'running', rowsWritten: null });
  const { stagingSchema } = await connectorRow(bench.deps, id);
  const columns = await bench.deps.database.sql`
    select column_name from information_schema.columns
    where table_schema = ${stagingSchema} and column_name like '_ivory%'`;
  expect(columns).toHaveLength(0);
});

describe('a nudge', () => {
  const heard = (id: string, createdAt: Date) =>
    hearSource(tenantContext(bench.deps, 'acme', 'webhook'), {
      connectorId: id,
      event: { name: 'sync_end', createdAt, schema: null, succeeded: true },
    });

  test('makes a waiting run look at once, in whichever process it came in', async () => {
    const { id, write } = await registered();
    bench.stub.onSync = () => bench.stub.become({ sync_state: 'syncing' });
    let waitedMs = 0;
    bench.pausing.wait = async (ms, signal) => {
      waitedMs += ms;
      if (waitedMs <= 1_000) {
        await write(T1);
        bench.stub.become({ sync_state: 'scheduled' }, { succeeded_at: T1 });
        expect(await heard(id, new Date())).toMatchObject({ status: 'nudged' });
      }
      return noWaiting(ms, signal);
    };
    expect(await bench.carry(id)).toMatchObject({ status: 'completed', rowsLoaded: 1 });
    bench.pausing.wait = noWaiting;
    expect(waitedMs).toBe(1_000);
  });

  test('without a run makes one that takes up what is there and starts no sync', async () => {
    const { id, write } = await registered();
    bench.syncs(() => write(T1), T1);
    await bench.carry(id);
    await write(T2, [{ id: '002', name: 'Beta' }]);
    bench.stub.become({}, { succeeded_at: T2 });
    expect(await heard(id, new Date())).toMatchObject({ status: 'queued' });
    const syncs = startedSyncs(bench.stub);
    const history = await bench.carry(id);
    expect(history).toMatchObject({ status: 'completed', trigger: 'webhook', rowsLoaded: 1 });
    expect(startedSyncs(bench.stub)).toBe(syncs);
    expect(await bench.stateOf(id)).toMatchObject({ fivetran: { succeeded_at: T2 } });
    expect(await heard(id, new Date(T3))).toMatchObject({ status: 'ignored', reason: 'seen_before' });
  });
});

test('neither key nor secret is told: not in a log, a message, a row or an error', async () => {
  const { id } = await registered();
  const basic = Buffer.from(`${STUB_KEY}:${STUB_SECRET}`).toString('base64');
  const leak = `${STUB_KEY} ${STUB_SECRET} ${encodeURIComponent(STUB_SECRET)} ${basic}`;
  const echo = { code: leak, message: leak };
  const told: string[] = [];
  for (const reply of [
    { status: 401, body: echo },
    { status: 404, body: echo },
    { status: 400, body: echo },
    { status: 200, body: leak },
    { status: 503, body: echo },
  ] satisfies StubReply[]) {
    bench.stub.replies = Array.from({ length: 5 }, () => reply);
    const runId = await bench.dispatch(id);
    await bench.execute(runId).catch((error: unknown) => told.push(String(error), JSON.stringify(error)));
    await cancelRun(tenantContext(bench.deps), { connectorId: id, runId }).catch(() => {});
    await bench.deps.database.sql`update etl.meltano_connectors set status = 'active' where id = ${id}`;
  }
  bench.stub.replies = [];
  bench.stub.become({ setup_state: 'broken', tasks: [echo], warnings: [echo] });
  told.push(JSON.stringify(await failing(id)));
  const spec = { ...(await specOf(id)) };
  const log = (line: string) => told.push(line);
  for (const ask of ['check', 'discover'] as const)
    told.push(JSON.stringify(await bench.runner[ask](spec, { log }, new AbortController().signal)));
  told.push(JSON.stringify(await runsOf(bench.deps, id)), JSON.stringify(await historyOf(bench.deps, id)));
  const all = told.join('\n');
  expect(all).toContain('[secret]');
  for (const secret of [STUB_KEY, STUB_SECRET, basic]) expect(all).not.toContain(secret);
});

async function specOf(id: string) {
  const { tenantId, stagingSchema } = await connectorRow(bench.deps, id);
  return {
    tenantId,
    connectorId: id,
    sourceSystem: 'salesforce',
    tapName: 'salesforce',
    tapVersion: null,
    meltanoEnvironment: 'prod',
    stagingSchema,
    config: STUB_CONFIG,
  };
}

describe('asking Fivetran', () => {
  const ask = async (kind: 'check' | 'discover', id: string, config: Record<string, unknown> = STUB_CONFIG) =>
    bench.runner[kind]({ ...(await specOf(id)), config }, { log() {} }, new AbortController().signal);

  test('a check looks at the connection and changes nothing', async () => {
    const { id } = await registered();
    expect(await ask('check', id)).toEqual({ ok: true });
    bench.stub.become({}, { paused: true });
    expect(await ask('check', id)).toMatchObject({ ok: false, errorCode: 'fivetran.paused' });
    expect(await ask('check', id, {})).toMatchObject({ ok: false, errorCode: 'connector.config_invalid' });
    expect(await ask('check', id, { ...STUB_CONFIG, api_key: 'other' })).toMatchObject({
      errorCode: 'fivetran.auth_error',
    });
    expect(startedSyncs(bench.stub)).toBe(0);
  });

  test('discovery tells the tables that are synced, with the types of those that are staged', async () => {
    const { id } = await registered();
    const column = (name_in_destination: string, changes = {}) => ({
      name_in_destination,
      enabled: true,
      ...changes,
    });
    bench.stub.schemas = {
      schema_change_handling: 'ALLOW_ALL',
      schemas: {
        salesforce: {
          name_in_destination: 'salesforce',
          enabled: true,
          tables: {
            Account: { name_in_destination: 'account', enabled: true },
            Lead: {
              name_in_destination: 'lead',
              enabled: true,
              columns: {
                Id: column('id', { is_primary_key: true }),
                Name: column('name'),
                Secret: column('secret', { enabled: false }),
              },
            },
            Task: { name_in_destination: 'task', enabled: false },
          },
        },
        other: { name_in_destination: 'other', enabled: false, tables: { X: { name_in_destination: 'x' } } },
      },
    };
    expect(await ask('discover', id)).toEqual({
      ok: true,
      streams: [
        {
          stream: 'account',
          keyProperties: ['id'],
          replicationKey: '_fivetran_synced',
          fields: { id: 'string', name: 'string' },
        },
        {
          stream: 'lead',
          keyProperties: ['id'],
          replicationKey: '_fivetran_synced',
          fields: { id: 'string', name: 'string' },
        },
      ],
    });
  });

  test('without a schema config the staged tables are told; without those, that there is nothing yet', async () => {
    const { id, destination } = await registered();
    bench.stub.schemas = null;
    await destination.create('click', { columns: { page: 'text', n: 'bigint', at: 'timestamptz' }, key: [] });
    expect(await ask('discover', id)).toMatchObject({
      ok: true,
      streams: [
        { stream: 'account' },
        {
          stream: 'click',
          keyProperties: ['_fivetran_id'],
          fields: { page: 'string', n: 'integer', at: 'date-time', _fivetran_id: 'string' },
        },
      ],
    });
    await destination.run('drop schema {schema} cascade');
    expect(await ask('discover', id)).toMatchObject({ ok: false, errorCode: 'fivetran.schema_unknown' });
    expect(await ask('discover', id, { ...STUB_CONFIG, connection_id: 'nobody' })).toMatchObject({
      errorCode: 'fivetran.connection_unknown',
    });
  });
});

test('a version cannot be pinned; any service can be named', () => {
  bench.runner.assertTap('salesforce', null);
  bench.runner.assertTap('google_ads', null);
  expect(() => bench.runner.assertTap('salesforce', '1.2')).toThrow(
    expect.objectContaining({ code: 'connector.tap_version_fixed' }),
  );
});
