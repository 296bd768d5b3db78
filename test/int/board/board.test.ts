import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiServer, serveApi } from '../../../src/api/serve.ts';
import { openQueueStore, type QueueStore } from '../../../src/queues/connection.ts';
import type { Consumer } from '../../../src/queues/ports.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';
import { redisUrl } from '../../harness/redis.ts';
import { until } from '../../harness/until.ts';

const PASSWORD = 'the operator: knows ümläuts';
const AUTH = { jwtSecret: 's'.repeat(32), jwksUrl: null, issuer: null, audience: null };
const RUN = '0b0e0d1c-0000-4000-8000-000000000001';

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

interface Board {
  deps: TestDeps;
  store: QueueStore;
  ask(method: string, path: string, headers?: { authorization?: string }, body?: unknown): Promise<Response>;
  close(): Promise<void>;
}

async function openBoard(queues: 'redis' | 'postgres'): Promise<Board> {
  const deps = await createTestDeps();
  const prefix = `board-${process.pid}-${Math.trunc(performance.now())}`;
  const store = await openQueueStore({
    redisUrl: queues === 'redis' ? redisUrl() : null,
    databaseUrl: deps.databaseUrl,
    prefix,
  });
  const options = { host: '127.0.0.1', port: 0, operatorPassword: PASSWORD, auth: AUTH };
  const api: ApiServer = await serveApi({ ...deps, producer: store.producer() }, store, options);
  return {
    deps,
    store,
    ask: (
      method,
      path,
      headers: Record<string, string> = { authorization: basic('operator', PASSWORD) },
      body = undefined,
    ) =>
      fetch(`${api.url}/admin/queues${path}`, {
        method,
        headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
        body: body ? JSON.stringify(body) : undefined,
      }),
    async close() {
      await api.close(1_000);
      await Promise.all(store.rawQueues().map((queue) => queue.obliterate({ force: true }).catch(() => {})));
      await store.close();
      await deps.close();
    },
  };
}

const STORES = redisUrl() === null ? (['postgres'] as const) : (['redis', 'postgres'] as const);

describe.each(STORES)('the board, queues on %s', (queues) => {
  let board: Board;
  let consumers: Consumer[] = [];
  beforeAll(async () => {
    board = await openBoard(queues);
  });
  afterAll(async () => {
    await Promise.all(consumers.map((consumer) => consumer.close(0)));
    await board.close();
  });

  async function consume(handler: () => Promise<void>): Promise<void> {
    const consumer = board.store.consumer({
      pool: 'runner',
      handlers: { 'execute-run': handler },
      concurrency: 1,
      onError: () => {},
    });
    consumers = [...consumers, consumer];
    await consumer.ready();
  }

  async function jobOf(jobId: string) {
    const response = await board.ask('GET', `/api/queues/runner/${jobId}`);
    return (await response.json()) as { status: string; job: Record<string, unknown> };
  }

  test('shows every pool as a queue, in pages that load nothing of another host and fit in no frame', async () => {
    const page = await board.ask('GET', '');
    const html = await page.text();
    expect(page.status).toBe(200);
    expect(html).not.toMatch(/(?:href|src)="(?:https?:)?\/\//);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    const script = /src="(static\/js\/main[^"]+)"/.exec(html)?.[1];
    expect((await board.ask('GET', `/${script}`)).headers.get('content-type')).toContain('javascript');
    const listed = (await (await board.ask('GET', '/api/queues')).json()) as { queues: { name: string }[] };
    expect(listed.queues.map(({ name }) => name).sort()).toEqual([
      'mapping',
      'runner',
      'scheduler',
      'transform',
    ]);
  });

  test('is found with a slash at the end of its address too', async () => {
    const page = await board.ask('GET', '/');
    expect(page.status).toBe(200);
    expect(new URL(page.url).pathname).toBe('/admin/queues');
  });

  test('retries a job that failed and promotes one that waits for its time; a failure shows no words of a driver', async () => {
    const outcomes = [new Error('insert into x (a) params: planted-secret'), null, null];
    let done = 0;
    const producer = board.store.producer();
    const runner = board.store.rawQueues().find(({ name }) => name === 'runner');
    await runner?.add('execute-run', { runId: RUN }, { jobId: 'fails', attempts: 1 });
    await consume(async () => {
      const outcome = outcomes.shift();
      if (outcome) throw outcome;
      done += 1;
    });
    // the board reads a job and then its state: between the two it may fail
    const failed = await until('the job failed', async () => {
      const found = await jobOf('fails');
      return found.status === 'failed' && found.job['failedReason'] !== undefined ? found : null;
    });
    expect(JSON.stringify(failed)).not.toContain('planted-secret');
    expect(failed.job['failedReason']).toBe('failed; the log of the worker says why');
    expect((await board.ask('PUT', '/api/queues/runner/fails/retry')).status).toBe(204);
    await until('it was done', () => done === 1);

    await producer.add('execute-run', { runId: RUN }, { jobId: 'later', delayMs: 3_600_000 });
    expect((await jobOf('later')).status).toBe('delayed');
    expect((await board.ask('PUT', '/api/queues/runner/later/promote')).status).toBe(204);
    await until('it was done before its time', () => done === 2);
    expect(await audited(board.deps)).toEqual([
      ['operator', 'queue.retry_job', 'runner/fails'],
      ['operator', 'queue.promote_job', 'runner/later'],
    ]);
  });

  test('pauses a queue and lets it go on, and what is on it can be seen to be paused', async () => {
    expect((await board.ask('PUT', '/api/queues/mapping/pause')).status).toBe(200);
    expect((await board.store.look('mapping')).paused).toBe(true);
    expect((await board.ask('PUT', '/api/queues/mapping/resume')).status).toBe(200);
    expect((await board.store.look('mapping')).paused).toBe(false);
  });

  test('clears delayed jobs of the scheduler, and the ticks come back', async () => {
    await board.store.upsertTicks('scheduler');
    expect((await board.ask('PUT', '/api/queues/scheduler/clean/delayed')).status).toBe(200);
    await board.store.upsertTicks('scheduler');
    await until('all ticks wait for their time again', async () => {
      await board.store.upsertTicks('scheduler');
      const { scheduler } = await board.store.counts();
      return scheduler.delayed + scheduler.waiting >= 5;
    });
  });

  test.each([
    ['POST', '/api/queues/runner/add', { name: 'execute-run', data: { runId: RUN } }],
    ['PUT', '/api/queues/runner/obliterate', { force: true }],
    ['PUT', '/api/queues/runner/empty', undefined],
    ['PATCH', '/api/queues/runner/fails/update-data', { jobData: { runId: RUN } }],
    ['PUT', '/api/queues/runner/concurrency', { concurrency: 1 }],
    ['PUT', '/api/queues/scheduler/job-schedulers/prune/remove', undefined],
  ])('%s %s is refused and not done', async (method, path, body) => {
    const before = await board.store.counts();
    const answer = await board.ask(method, path, undefined, body);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([403, 'board.action']);
    expect((await board.store.counts()).runner).toEqual(before.runner);
  });

  test.each<Record<string, string>>([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://elsewhere.example' },
    { origin: 'null' },
  ])('a change asked for by another page (%j) is refused, with the right login', async (headers) => {
    const login = { authorization: basic('operator', PASSWORD) };
    const answer = await board.ask('PUT', '/api/queues/runner/pause', { ...login, ...headers });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      403,
      'board.cross_origin',
    ]);
    expect((await board.store.look('runner')).paused).toBe(false);
  });
});

describe('the login of the board', () => {
  let board: Board;
  beforeAll(async () => {
    board = await openBoard('postgres');
  });
  afterAll(() => board.close());

  test('asks a browser for it, and answers in the form of every problem', async () => {
    const answer = await board.ask('GET', '', {});
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ code: 'board.login', status: 401 });
  });

  test('after ten wrong ones the address waits, also with the right one', async () => {
    const wrong = [
      basic('operator', 'wrong'),
      basic('admin', PASSWORD),
      basic('', ''),
      'Basic %%%',
      'Bearer token',
      basic('operator', PASSWORD.slice(0, -1)),
      basic('operator', `${PASSWORD} `),
      basic('Operator', PASSWORD),
      `Basic ${Buffer.from('nocolon').toString('base64')}`,
      basic('operator', ''),
    ];
    expect((await board.ask('GET', '')).status).toBe(200);
    for (const authorization of wrong)
      expect((await board.ask('GET', '', { authorization })).status).toBe(401);
    for (const headers of [undefined, { authorization: basic('operator', 'x') }, {}]) {
      const answer = await board.ask('GET', '', headers);
      const { code } = (await answer.json()) as { code: string };
      expect([answer.status, code]).toEqual([429, 'board.too_many_failures']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(30);
    }
  });
});

async function audited({ database }: TestDeps) {
  const rows = await database.sql<{ actor: string; action: string; subject: string }[]>`
    select actor, action, subject from audit.events where action like 'queue.%' order by id`;
  return rows.map(({ actor, action, subject }) => [actor, action, subject]);
}
