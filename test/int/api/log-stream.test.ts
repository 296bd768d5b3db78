import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ApiServer, serveApi } from '../../../src/api/serve.ts';
import { signToken } from '../../../src/api/token.ts';
import { openQueueStore, type QueueStore } from '../../../src/queues/connection.ts';
import { dispatchDue } from '../../../src/services/runs/dispatch-due.ts';
import { executeRun } from '../../../src/services/runs/execute.ts';
import { insertConnector, runsOf } from '../../harness/connectors.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';
import { createScriptedRunner, DONE } from '../../harness/scripted-runner.ts';
import { SECRET } from './fixture.ts';
import { insertRun } from './rows.ts';

let deps: TestDeps;
let store: QueueStore;
let server: ApiServer;
let connectorId: string;
beforeAll(async () => {
  deps = await createTestDeps();
  store = await openQueueStore({ redisUrl: undefined, databaseUrl: deps.databaseUrl });
  server = await serve();
});
afterAll(async () => {
  await server.close();
  await store.close();
  await deps.close();
});
beforeEach(async () => {
  connectorId = (await insertConnector(deps)).id;
});

function serve(): Promise<ApiServer> {
  const auth = { jwtSecret: SECRET, jwksUrl: null, issuer: null, audience: null };
  const streams = { perProcess: 3, perTenant: 2 };
  return serveApi(deps, store, { host: '127.0.0.1', port: 0, operatorPassword: null, auth, streams });
}

interface Event {
  event: string;
  id?: string;
  data: string;
}

/** Opens a stream and reads its events one by one. */
async function open(runId: string, { on = server, after = '', tenantId = 'acme' } = {}) {
  const leaving = new AbortController();
  const response = await fetch(`${on.url}/v1/admin/connectors/${connectorId}/runs/${runId}/log`, {
    signal: leaving.signal,
    headers: {
      accept: 'text/event-stream',
      authorization: `Bearer ${await signToken(SECRET, { tenantId, ttlS: 60 })}`,
      ...(after ? { 'last-event-id': after } : {}),
    },
  });
  return { response, events: eventsOf(response), leave: () => leaving.abort() };
}

async function* eventsOf(response: Response): AsyncGenerator<Event> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks.filter((one) => !one.startsWith(':'))) {
      const fields = block.split('\n').map((line) => /^(\w+): (.*)$/.exec(line));
      yield Object.fromEntries(fields.map((field) => [field?.[1], field?.[2]])) as unknown as Event;
    }
  }
}

async function all(events: AsyncGenerator<Event>): Promise<Event[]> {
  const seen: Event[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

async function nextOf(events: AsyncGenerator<Event>, wanted: (event: Event) => boolean): Promise<Event> {
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error('the stream ended before');
    if (wanted(value)) return value;
  }
}

describe('a run followed while it runs', () => {
  test('its lines and counts come while the tap works, its end last, and then the stream ends', {
    timeout: 30_000,
  }, async () => {
    await dispatchDue(deps);
    const [run] = await runsOf(deps, connectorId);
    const goOn = Promise.withResolvers<void>();
    let late = 0;
    const runner = createScriptedRunner(async (_spec, { log, progress }) => {
      log('half way');
      late = 10_000;
      progress({ s: { rows: 2, bytes: 20 } });
      await goOn.promise;
      return { ...DONE, status: 'failed', errorCode: 'tap.exit', errorMsg: 'gone' };
    });
    const executed = executeRun(
      { ...deps, runners: { custom: runner }, now: () => new Date(Date.now() + late) },
      { runId: run?.id ?? '', workerId: 'w', signal: new AbortController().signal },
    );
    const { response, events } = await open(run?.id ?? '');
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    await nextOf(events, ({ event, data }) => event === 'log' && data === 'half way');
    await nextOf(events, ({ data }) =>
      /staged 2 rows \(20 B\) so far, \d rows\/s, now reading s$/.test(data),
    );
    const progress = await nextOf(events, ({ event }) => event === 'progress');
    expect(JSON.parse(progress.data)).toMatchObject({
      status: 'running',
      stream_stats: { s: { rows: 2 } },
      progress: { current_stream: 's', rows: 2, bytes: 20, streams: { s: { rows: 2, bytes: 20 } } },
    });
    goOn.resolve();
    await executed;
    const rest = await all(events);
    expect(rest.at(-1)).toEqual({
      event: 'end',
      data: JSON.stringify({ status: 'failed', error_code: 'tap.exit', error_msg: 'gone' }),
    });
    expect(rest.filter(({ event }) => event === 'log').at(-1)?.data).toMatch(/the run ended: failed/);
  });
});

describe('a run that has ended', () => {
  const LOG = { status: 'completed' as const, logTail: 'c\nd\ne', logLines: 5 };

  test('is told whole: what is no longer kept, each line with its number, the end', async () => {
    const run = await insertRun(deps, connectorId, LOG);
    const events = await all((await open(run.id)).events);
    expect(events.map(({ event, id, data }) => [event, id, event === 'log' ? data : ''])).toEqual([
      ['gap', undefined, ''],
      ['log', '3', 'c'],
      ['log', '4', 'd'],
      ['log', '5', 'e'],
      ['progress', undefined, ''],
      ['end', undefined, ''],
    ]);
    expect(events[0]?.data).toBe('{"lines":2}');
  });

  test('taken up again with Last-Event-ID it goes on after that line; a strange one starts over', async () => {
    const run = await insertRun(deps, connectorId, LOG);
    const linesAfter = async (after: string) =>
      (await all((await open(run.id, { after })).events)).flatMap(({ event, data }) =>
        event === 'log' ? [data] : [],
      );
    expect(await linesAfter('4')).toEqual(['e']);
    expect(await linesAfter('5')).toEqual([]);
    for (const strange of ['99', '-1', 'x']) expect(await linesAfter(strange)).toEqual(['c', 'd', 'e']);
  });
});

describe('streams are bounded', () => {
  test('a tenant has its share; a client that goes gives its place back; others are not held up', {
    timeout: 30_000,
  }, async () => {
    const run = await insertRun(deps, connectorId, { logTail: 'a', logLines: 1 });
    const [first, second] = [await open(run.id), await open(run.id)];
    for (const { events } of [first, second]) await nextOf(events, ({ data }) => data === 'a');
    const third = await open(run.id);
    expect([third.response.status, third.response.headers.get('retry-after')]).toEqual([429, '10']);
    expect(await third.response.json()).toMatchObject({ code: 'run_log.too_many_streams' });
    expect((await open(run.id, { tenantId: 'rival' })).response.status).toBe(404);
    first.leave();
    const again = await until(
      () => open(run.id),
      ({ response }) => response.status === 200,
    );
    again.leave();
    second.leave();
  });

  test('a stream of a connector that is deleted ends', { timeout: 30_000 }, async () => {
    const run = await insertRun(deps, connectorId, { logTail: 'a', logLines: 1 });
    const { events } = await until(
      () => open(run.id),
      ({ response }) => response.status === 200,
    );
    await nextOf(events, ({ data }) => data === 'a');
    await deps.database.sql`delete from etl.meltano_connectors where id = ${connectorId}`;
    expect(await nextOf(events, ({ event }) => event === 'end')).toEqual({
      event: 'end',
      data: '{"status":"deleted"}',
    });
  });

  test('a process that closes ends its streams instead of waiting for them', {
    timeout: 30_000,
  }, async () => {
    const other = await serve();
    const run = await insertRun(deps, connectorId, { logTail: 'a', logLines: 1 });
    const { events } = await open(run.id, { on: other });
    await nextOf(events, ({ data }) => data === 'a');
    const startedAt = performance.now();
    await other.close();
    expect(performance.now() - startedAt).toBeLessThan(8_000);
    expect((await all(events)).filter(({ event }) => event === 'end')).toEqual([]);
  });
});

async function until<T>(attempt: () => Promise<T>, done: (value: T) => boolean): Promise<T> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const value = await attempt();
    if (done(value)) return value;
    if (performance.now() > deadline) throw new Error('it did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
