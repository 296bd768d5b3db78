import { z } from '@hono/zod-openapi';
import { type DeliveryStatus, FAULTS, MESSAGE_TYPES, webhookId } from '../../../domain/notification.ts';
import type { getDelivery, listDeliveries } from '../../../services/notifications/deliveries.ts';
import { Timestamp, timestamp, timestampOrNull } from '../../contract.ts';

type Delivery = Awaited<ReturnType<typeof listDeliveries>>['items'][number];
type Detail = Awaited<ReturnType<typeof getDelivery>>;

/** What a client tells apart: one that is being sent is pending still. */
const STATUSES = {
  pending: ['pending', 'sending'],
  delivered: ['delivered'],
  failed: ['failed'],
} as const satisfies Record<string, readonly DeliveryStatus[]>;

export const ShownStatus = z.enum(['pending', 'delivered', 'failed']);

export function statusesOf(shown: z.infer<typeof ShownStatus>): readonly DeliveryStatus[] {
  return STATUSES[shown];
}

const SHOWN = {
  id: z.string(),
  message_id: z.string().openapi({ description: 'The `webhook-id`: the same at every attempt.' }),
  endpoint_id: z.string(),
  type: z.enum(MESSAGE_TYPES),
  connector_id: z.string().nullable(),
  status: ShownStatus,
  attempts: z.int(),
  next_attempt_at: Timestamp.nullable(),
  last_http_status: z.int().nullable(),
  last_fault: z.enum(FAULTS).nullable(),
  created_at: Timestamp,
  finished_at: Timestamp.nullable(),
};

export const NotificationDelivery = z.object(SHOWN).openapi('NotificationDelivery');

export const DeliveryDetail = z
  .object({
    ...SHOWN,
    message: z.record(z.string(), z.unknown()).openapi({ description: 'What is sent.' }),
    attempts_made: z.array(
      z.object({
        number: z.int(),
        started_at: Timestamp,
        duration_ms: z.int(),
        http_status: z.int().nullable(),
        fault: z.enum(FAULTS).nullable(),
        error: z.string().nullable(),
        answer_excerpt: z.string().nullable().openapi({ description: 'The first 4 KB of the answer.' }),
      }),
    ),
  })
  .openapi('NotificationDeliveryDetail');

const Message = z.record(z.string(), z.unknown());

export function deliveryEntry(delivery: Delivery): z.infer<typeof NotificationDelivery> {
  return {
    id: delivery.id,
    message_id: webhookId(delivery.messageId),
    endpoint_id: delivery.endpointId,
    type: delivery.type,
    connector_id: delivery.connectorId,
    status: delivery.status === 'sending' ? 'pending' : delivery.status,
    attempts: delivery.attempts,
    next_attempt_at: timestampOrNull(delivery.nextAttemptAt),
    last_http_status: delivery.lastStatus,
    last_fault: delivery.lastFault,
    created_at: timestamp(delivery.createdAt),
    finished_at: timestampOrNull(delivery.finishedAt),
  };
}

export function deliveryDetail(delivery: Detail): z.infer<typeof DeliveryDetail> {
  return {
    ...deliveryEntry(delivery),
    message: Message.parse(JSON.parse(delivery.body)),
    attempts_made: delivery.made.map((attempt) => ({
      number: attempt.number,
      started_at: timestamp(attempt.startedAt),
      duration_ms: attempt.durationMs,
      http_status: attempt.status,
      fault: attempt.fault,
      error: attempt.error,
      answer_excerpt: attempt.excerpt,
    })),
  };
}
