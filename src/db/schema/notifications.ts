import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type {
  DeliveryStatus,
  DisabledReason,
  EventType,
  Fault,
  MessageType,
} from '../../domain/notification.ts';
import { instant } from './columns.ts';
import { etl } from './connectors.ts';

/** Where a tenant wants to be told of what happens. */
export const notificationEndpoints = etl.table(
  'notification_endpoints',
  {
    id: uuid('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    url: text('url').notNull(),
    description: text('description'),
    /** null: all there are, and will be. */
    events: text('events').array().$type<EventType[]>(),
    /** null: of all connectors. */
    connectorIds: uuid('connector_ids').array(),
    active: boolean('active').notNull().default(true),
    /** null: on, or switched off by its tenant. */
    disabledReason: text('disabled_reason').$type<DisabledReason>(),
    disabledAt: instant('disabled_at'),
    secretSealed: text('secret_sealed').notNull(),
    oldSecretSealed: text('old_secret_sealed'),
    oldSecretUntil: instant('old_secret_until'),
    /** The first failure since anything was delivered, and how many there were. */
    failingSince: instant('failing_since'),
    failures: integer('failures').notNull().default(0),
    createdAt: instant('created_at').notNull().default(sql`now()`),
    updatedAt: instant('updated_at').notNull().default(sql`now()`),
  },
  (t) => [index('notification_endpoints_tenant').on(t.tenantId, t.createdAt, t.id)],
);

/** What happened, as its receivers are told. Written with what it tells of. */
export const notificationMessages = etl.table(
  'notification_messages',
  {
    id: uuid('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    type: text('type').$type<MessageType>().notNull(),
    /** Not a reference: the message outlives its connector. */
    connectorId: uuid('connector_id'),
    /** JSON, byte for byte what is signed and sent. */
    body: text('body').notNull(),
    createdAt: instant('created_at').notNull().default(sql`now()`),
  },
  (t) => [index('notification_messages_age').on(t.createdAt)],
);

/** One message to one endpoint. `fence` is raised by each claim: who claimed it last says how it went. */
export const notificationDeliveries = etl.table(
  'notification_deliveries',
  {
    id: uuid('id').primaryKey(),
    /** Orders the log. */
    seq: bigint('seq', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    tenantId: text('tenant_id').notNull(),
    messageId: uuid('message_id')
      .notNull()
      .references(() => notificationMessages.id, { onDelete: 'cascade' }),
    endpointId: uuid('endpoint_id')
      .notNull()
      .references(() => notificationEndpoints.id, { onDelete: 'cascade' }),
    type: text('type').$type<MessageType>().notNull(),
    connectorId: uuid('connector_id'),
    status: text('status').$type<DeliveryStatus>().notNull().default('pending'),
    fence: integer('fence').notNull().default(0),
    leaseUntil: instant('lease_until'),
    nextAttemptAt: instant('next_attempt_at').default(sql`now()`),
    /** Attempts ever, and those of the present round: a redelivery begins a new one. */
    attempts: integer('attempts').notNull().default(0),
    tries: integer('tries').notNull().default(0),
    lastStatus: integer('last_status'),
    lastFault: text('last_fault').$type<Fault>(),
    createdAt: instant('created_at').notNull().default(sql`now()`),
    finishedAt: instant('finished_at'),
  },
  (t) => [
    uniqueIndex('notification_deliveries_once').on(t.messageId, t.endpointId),
    index('notification_deliveries_due').on(t.endpointId, t.nextAttemptAt).where(sql`status = 'pending'`),
    index('notification_deliveries_sending').on(t.leaseUntil).where(sql`status = 'sending'`),
    index('notification_deliveries_tenant').on(t.tenantId, t.seq),
    index('notification_deliveries_endpoint').on(t.endpointId, t.seq),
  ],
);

/** How each attempt went. */
export const notificationAttempts = etl.table(
  'notification_attempts',
  {
    deliveryId: uuid('delivery_id')
      .notNull()
      .references(() => notificationDeliveries.id, { onDelete: 'cascade' }),
    /** From 1. */
    number: integer('number').notNull(),
    tenantId: text('tenant_id').notNull(),
    startedAt: instant('started_at').notNull(),
    durationMs: integer('duration_ms').notNull(),
    /** HTTP status; null: there was no answer. */
    status: integer('status'),
    /** null: delivered. */
    fault: text('fault').$type<Fault>(),
    error: text('error'),
    /** The first of what the receiver answered, printable. */
    excerpt: text('excerpt'),
  },
  (t) => [primaryKey({ columns: [t.deliveryId, t.number] })],
);
