import { sql } from 'drizzle-orm';
import { bigint, index, integer, jsonb, pgSchema, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { etl } from './connectors.ts';

/** Jobs to be put on a queue once the transaction that wrote them has committed. */
export const outbox = etl.table('outbox', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  job: text('job').notNull(),
  payload: jsonb('payload').$type<Record<string, string>>().notNull(),
  /** The queue's deduplication id. */
  jobId: text('job_id').notNull(),
  createdAt: instant('created_at').notNull().default(sql`now()`),
});

/** Answers given to requests that carried an Idempotency-Key. */
export const idempotencyKeys = etl.table(
  'idempotency_keys',
  {
    tenantId: text('tenant_id').notNull(),
    key: text('key').notNull(),
    /** SHA-256 of method, path and body. */
    fingerprint: text('fingerprint').notNull(),
    /** Ids of what the request makes are derived from it: done again after a crash, it makes the same ones. */
    seed: uuid('seed').notNull().default(sql`gen_random_uuid()`),
    status: integer('status'),
    body: text('body'),
    createdAt: instant('created_at').notNull().default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.key] }), index('idempotency_keys_age').on(t.createdAt)],
);

export const audit = pgSchema('audit');

/** Who did what to what. Never a secret, never a payload. */
export const auditEvents = audit.table(
  'events',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    tenantId: text('tenant_id').notNull(),
    actor: text('actor').notNull(),
    action: text('action').notNull(),
    subject: text('subject').notNull(),
    detail: jsonb('detail').$type<Record<string, unknown>>().notNull().default({}),
    requestId: text('request_id'),
    createdAt: instant('created_at').notNull().default(sql`now()`),
  },
  (t) => [index('audit_events_tenant').on(t.tenantId, t.id)],
);
