import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidError, UnavailableError } from '../../../src/errors.ts';
import type { Pool } from '../../../src/queues/catalog.ts';
import type { QueueStore } from '../../../src/queues/connection.ts';
import type { Consumer, DeliveredJob, JobHandlers } from '../../../src/queues/ports.ts';
import { backends, type Place } from './backends.ts';
import { createInbox } from './inbox.ts';

describe.each(backends())('queues on $kind', ({ place: newPlace }) => {
  let place: Place;
  let store: QueueStore;
  let consumers: Consumer[];
  const reported: unknown[] = [];

  beforeEach(async () => {
    place = await newPlace();
    store = await place.open();
    consumers = [];
    reported.length = 0;
  });

  afterEach(async () => {
    await Promise.all(consumers.map((consumer) => consumer.close(0)));
    await store.close();
    await place.close();
  });

  function consume(pool: Pool, handlers: JobHandlers, { from = store, concurrency = 1 } = {}): Consumer {
    const consumer = from.consumer({ pool, handlers, concurrency, onError: (error) => reported.push(error) });
    consumers.push(consumer);
    return consumer;
  }

  function counts(pool: Pool, wanted: Record<string, number>) {
    return vi.waitFor(async () => expect((await store.counts())[pool]).toMatchObject(wanted), {
      timeout: 5_000,
    });
  }

  it('delivers a job with its payload and forgets nothing of it', async () => {
    const inbox = createInbox<DeliveredJob<'execute-run'>>();
    await consume('runner', { 'execute-run': async (job) => inbox.put(job) }).ready();
    const runId = randomUUID();
    await store.producer().add('execute-run', { runId }, { jobId: `execute-${runId}-1` });
    const [job] = await inbox.hold(1);
    expect(job).toMatchObject({ name: 'execute-run', payload: { runId }, lastAttempt: false });
    expect(job?.signal.aborted).toBe(false);
    await counts('runner', { completed: 1, waiting: 0, active: 0, failed: 0 });
  });

  it('takes two jobs of one id for one, also among many', async () => {
    const producer = store.producer();
    const [runId, other] = [randomUUID(), randomUUID()];
    await producer.add('load-run', { runId }, { jobId: `load-${runId}-1` });
    await producer.addMany([
      { name: 'load-run', payload: { runId }, jobId: `load-${runId}-1` },
      { name: 'load-run', payload: { runId: other }, jobId: `load-${other}-1` },
      { name: 'execute-run', payload: { runId }, jobId: `execute-${runId}-1` },
    ]);
    await counts('transform', { waiting: 2 });
    await counts('runner', { waiting: 1 });
  });

  it('makes few jobs of many nudges, and none that comes later is left out', async () => {
    const producer = store.producer();
    await Promise.all(Array.from({ length: 200 }, () => producer.add('dispatch-due', {})));
    const { waiting } = (await store.counts()).scheduler;
    expect(waiting).toBeGreaterThanOrEqual(1);
    expect(waiting).toBeLessThanOrEqual(5);
    await producer.add('dispatch-due', {});
    await counts('scheduler', { waiting: waiting + 1 });
  });

  it('puts a job that has ended back when asked to, and doubles none that waits', async () => {
    const inbox = createInbox<string>();
    const [ended, waiting] = [randomUUID(), randomUUID()];
    const jobs = [ended, waiting].map((runId) => ({
      name: 'load-run' as const,
      payload: { runId },
      jobId: `load-${runId}-1`,
    }));
    const first = consume('transform', { 'load-run': async ({ payload }) => inbox.put(payload.runId) });
    await store.producer().addMany(jobs.slice(0, 1));
    await inbox.hold(1);
    await counts('transform', { completed: 1 });
    await first.close();
    await store.producer().addMany(jobs, { replaceEnded: true });
    await store.producer().addMany(jobs, { replaceEnded: true });
    await counts('transform', { waiting: 2, completed: 0 });
  });

  it('tries a failing job again, later each time, then gives up', async () => {
    const inbox = createInbox<{ at: number; lastAttempt: boolean }>();
    consume('mapping', {
      'propose-mappings': async ({ lastAttempt }) => {
        inbox.put({ at: Date.now(), lastAttempt });
        throw new UnavailableError('llm.unavailable', 'The model does not answer.');
      },
    });
    await store.producer().add('propose-mappings', { mappingJobId: randomUUID() });
    const tries = await inbox.hold(3);
    await counts('mapping', { failed: 1, delayed: 0, waiting: 0 });
    expect(tries.map(({ lastAttempt }) => lastAttempt)).toEqual([false, false, true]);
    const [first = 0, second = 0, third = 0] = tries.map(({ at }) => at);
    expect(second - first).toBeGreaterThanOrEqual(490);
    expect(third - second).toBeGreaterThanOrEqual(990);
    expect(reported).toHaveLength(3);
  });

  it('does not try a terminal error again', async () => {
    const inbox = createInbox<string>();
    consume('runner', {
      'execute-run': async ({ payload }) => {
        inbox.put(payload.runId);
        throw new InvalidError('connector.tap_unknown', 'No such tap.');
      },
    });
    await store.producer().add('execute-run', { runId: randomUUID() });
    await counts('runner', { failed: 1, delayed: 0, waiting: 0, active: 0 });
    expect(inbox.items).toHaveLength(1);
    expect(reported).toMatchObject([{ code: 'connector.tap_unknown' }]);
  });

  it('refuses a malformed payload or id when it is added', async () => {
    const producer = store.producer();
    await expect(producer.add('load-run', { runId: 'no uuid' })).rejects.toMatchObject({
      code: 'queue.payload_invalid',
    });
    await expect(
      producer.addMany([{ name: 'dispatch-due', payload: { surprise: 'x' }, jobId: 'a' }]),
    ).rejects.toMatchObject({ code: 'queue.payload_invalid' });
    for (const jobId of ['12345', 'a:b', '']) {
      await expect(producer.add('dispatch-due', {}, { jobId })).rejects.toMatchObject({
        code: 'queue.job_id_invalid',
      });
    }
  });

  it('fails a malformed job that got in by another door at once, without calling the handler', async () => {
    const inbox = createInbox<unknown>();
    consume('transform', { 'load-run': async (job) => inbox.put(job) });
    const queue = store.rawQueues().find(({ name }) => name === 'transform');
    await queue?.add('load-run', { runId: 7 }, { attempts: 5 });
    await counts('transform', { failed: 1, delayed: 0, waiting: 0 });
    expect(inbox.items).toHaveLength(0);
    expect(reported).toMatchObject([{ code: 'queue.payload_invalid' }]);
  });

  it('holds a delayed job back until its time', async () => {
    const inbox = createInbox<number>();
    await consume('runner', { 'execute-run': async () => inbox.put(Date.now()) }).ready();
    const added = Date.now();
    await store.producer().add('execute-run', { runId: randomUUID() }, { delayMs: 700 });
    await counts('runner', { delayed: 1 });
    const [delivered = 0] = await inbox.hold(1);
    expect(delivered - added).toBeGreaterThanOrEqual(690);
  });

  it('fires ticks at their rate, once however often they are set', async () => {
    const inbox = createInbox<number>();
    consume('scheduler', { ...idleTicks, 'relay-outbox': async () => inbox.put(Date.now()) });
    for (let times = 0; times < 5; times += 1) await store.upsertTicks('scheduler');
    const [first = 0, second = 0, third = 0] = await inbox.hold(3);
    expect(second - first).toBeLessThan(2_600);
    expect(third - second).toBeGreaterThan(1_400);
    expect(third - second).toBeLessThan(2_600);
  });

  it('has its ticks back after the store was flushed', async () => {
    const inbox = createInbox<string>();
    consume('scheduler', { ...idleTicks, 'relay-outbox': async () => inbox.put('tick') });
    await store.upsertTicks('scheduler');
    await inbox.hold(1);
    await counts('scheduler', { active: 0 });
    await place.flush();
    const before = inbox.items.length;
    await store.upsertTicks('scheduler');
    await inbox.hold(before + 2);
  });

  it('waits for a running job when it closes', async () => {
    const started = createInbox<AbortSignal>();
    const finish = Promise.withResolvers<void>();
    const consumer = consume('runner', {
      'execute-run': async ({ signal }) => {
        started.put(signal);
        await finish.promise;
      },
    });
    await store.producer().add('execute-run', { runId: randomUUID() });
    const [signal] = await started.hold(1);
    const closed = consumer.close(10_000);
    await store.producer().add('execute-run', { runId: randomUUID() });
    finish.resolve();
    await closed;
    await counts('runner', { completed: 1, waiting: 1, active: 0 });
    expect(signal?.aborted).toBe(true);
    expect(started.items).toHaveLength(1);
  });

  it('aborts a job that does not end in time, and another worker gets it with no attempt lost', async () => {
    const inbox = createInbox<string>();
    const stuck = consume('scheduler', {
      'dispatch-due': async ({ signal }) => {
        inbox.put('first');
        await once(signal, 'abort');
        throw new Error('cut short');
      },
    });
    await store.producer().add('dispatch-due', {});
    await inbox.hold(1);
    await stuck.close(50);
    consume('scheduler', { 'dispatch-due': async () => inbox.put('second') });
    expect(await inbox.hold(2)).toEqual(['first', 'second']);
    await counts('scheduler', { completed: 1, failed: 0 });
    expect(reported).toHaveLength(0);
  });

  it('shares the jobs among two workers and delivers none twice', async () => {
    const second = await place.open();
    const inbox = createInbox<{ by: string; runId: string }>();
    const both = createInbox<string>();
    const worker = (by: string): JobHandlers => ({
      'execute-run': async ({ payload }) => {
        if (!both.items.includes(by)) both.put(by);
        await both.hold(2);
        inbox.put({ by, runId: payload.runId });
      },
    });
    await Promise.all([
      consume('runner', worker('a')).ready(),
      consume('runner', worker('b'), { from: second }).ready(),
    ]);
    const ids = Array.from({ length: 300 }, () => randomUUID());
    await store
      .producer()
      .addMany(
        ids.map((runId) => ({ name: 'execute-run', payload: { runId }, jobId: `execute-${runId}-1` })),
      );
    const delivered = await inbox.hold(300);
    await counts('runner', { completed: 300, active: 0, waiting: 0 });
    expect(delivered.map(({ runId }) => runId).sort()).toEqual([...ids].sort());
    expect(new Set(delivered.map(({ by }) => by))).toEqual(new Set(['a', 'b']));
    await consumers[1]?.close();
    await second.close();
  });
});

const idleTicks: JobHandlers = {
  'dispatch-due': async () => {},
  'reap-lost': async () => {},
  'sweep-waiting': async () => {},
};
