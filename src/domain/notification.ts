/** What a tenant can be told of. `ping` is sent on request alone and cannot be chosen. */
export const EVENT_TYPES = [
  'run.completed',
  'run.partial',
  'run.failed',
  'connector.error',
  'mapping.review_needed',
  'schema.drift',
  'endpoint.disabled',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export const MESSAGE_TYPES = [...EVENT_TYPES, 'ping'] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

/** `sending`: a worker has its lease; `failed`: given up, until somebody asks for it to be sent again. */
export const DELIVERY_STATUSES = ['pending', 'sending', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** Who switched an endpoint off, other than its tenant: its receiver (410), or five days in which nothing was delivered. */
export type DisabledReason = 'gone' | 'failing';

/** Why an attempt did not deliver. */
export const FAULTS = [
  'address_not_allowed',
  'answer_invalid',
  'connection_failed',
  'endpoint_inactive',
  'name_not_found',
  'redirected',
  'secret_unreadable',
  'status',
  'timeout',
  'tls_failed',
] as const;
export type Fault = (typeof FAULTS)[number];

export const MAX_ENDPOINTS = 20;
export const MAX_URL_LENGTH = 2_048;
/** How long the former secret signs beside the new one. */
export const OLD_SECRET_MS = 24 * 3_600_000;

export interface NotificationMessage {
  type: MessageType;
  /** null: of no connector. */
  connectorId: string | null;
  data: Record<string, unknown>;
}

/** The body of a message: the same text at every attempt, so that a receiver's signature check and its memory of ids agree. */
export function messageBody({ type, data }: NotificationMessage, at: Date): string {
  return JSON.stringify({ type, timestamp: at.toISOString(), data });
}

/** `webhook-id` of a message. */
export function webhookId(messageId: string): string {
  return `msg_${messageId.replaceAll('-', '')}`;
}
