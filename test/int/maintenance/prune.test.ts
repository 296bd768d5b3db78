import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  auditEvents,
  idempotencyKeys,
  llmAnswers,
  llmCalls,
  mappingJobs,
} from '../../../src/db/schema/index.ts';
import { prune } from '../../../src/services/maintenance/prune.ts';
import { insertConnector } from '../../harness/connectors.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';

let deps: TestDeps;
beforeEach(async () => {
  deps = await createTestDeps();
});
afterEach(() => deps.close());

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);

test('answers go two days after, whatever their number', async () => {
  const keys = Array.from({ length: 2_500 }, (_, n) => ({
    tenantId: 'acme',
    key: `old-${n}`,
    fingerprint: 'f',
    createdAt: daysAgo(3),
  }));
  await deps.database.db.insert(idempotencyKeys).values(keys);
  await deps.database.db
    .insert(idempotencyKeys)
    .values({ tenantId: 'acme', key: 'young', fingerprint: 'f', createdAt: daysAgo(1.5) });
  expect(await prune(deps)).toEqual({ idempotencyKeys: 2_500 });
  expect(await deps.database.db.select({ key: idempotencyKeys.key }).from(idempotencyKeys)).toEqual([
    { key: 'young' },
  ]);
  expect(await prune(deps)).toEqual({});
});

test('ended mapping jobs go after a week, but the last done of a target stays: it says the columns', async () => {
  const { id: connectorId } = await insertConnector(deps);
  const job = (name: string, change: Partial<typeof mappingJobs.$inferInsert> = {}, days = 10) => ({
    id: randomUUID(),
    tenantId: 'acme',
    connectorId,
    request: { sourceStream: 's', sourceSchema: {}, targetSchema: 'custom' as const, targetTable: name },
    status: 'done' as const,
    createdAt: daysAgo(days),
    finishedAt: daysAgo(days),
    ...change,
  });
  const kept = [
    job('a', {}, 9),
    job('b'),
    job('queued', { status: 'queued', finishedAt: null }),
    job('young', { status: 'failed' }, 6),
  ];
  await deps.database.db.insert(mappingJobs).values([job('a'), job('c', { status: 'failed' }), ...kept]);
  expect(await prune(deps)).toEqual({ mappingJobs: 2 });
  const left = await deps.database.db.select({ id: mappingJobs.id }).from(mappingJobs);
  expect(left.map(({ id }) => id).sort()).toEqual(kept.map(({ id }) => id).sort());
});

test('audit events of the last year stay', async () => {
  const event = (subject: string, days: number) => ({
    tenantId: 'acme',
    actor: 'test',
    action: 'a.b',
    subject,
    createdAt: daysAgo(days),
  });
  await deps.database.db.insert(auditEvents).values([event('old', 401), event('year', 366), event('new', 0)]);
  expect(await prune(deps)).toEqual({ auditEvents: 1 });
});

test('what models were asked and cost stays for a year, what they answered for a month', async () => {
  const call = (purpose: string, days: number) => ({
    tenantId: 'acme',
    purpose,
    model: 'm',
    outcome: 'answered' as const,
    attempts: 1,
    promptTokens: 1,
    completionTokens: 1,
    durationMs: 1,
    createdAt: daysAgo(days),
  });
  const answer = (key: string, days: number) => ({
    tenantId: 'acme',
    key,
    model: 'm',
    answer: {},
    createdAt: daysAgo(days),
  });
  await deps.database.db.insert(llmCalls).values([call('old', 401), call('year', 366), call('new', 0)]);
  await deps.database.db.insert(llmAnswers).values([answer('old', 31), answer('month', 29)]);
  expect(await prune(deps)).toEqual({ llmCalls: 1, llmAnswers: 1 });
  expect(await deps.database.db.select({ key: llmAnswers.key }).from(llmAnswers)).toEqual([{ key: 'month' }]);
});
