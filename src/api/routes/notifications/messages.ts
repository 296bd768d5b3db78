import { z } from '@hono/zod-openapi';
import { EVENT_TYPES, type MessageType } from '../../../domain/notification.ts';
import { Timestamp } from '../../contract.ts';
import type { Api } from '../../env.ts';

const OF_CONNECTOR = { connector_id: z.string(), source_system: z.string(), destination_table: z.string() };

const RUN = {
  ...OF_CONNECTOR,
  run_id: z.string(),
  status: z.enum(['completed', 'partial', 'failed']),
  trigger: z.string(),
  started_at: Timestamp.nullable(),
  completed_at: Timestamp.nullable(),
  rows_synced: z.int(),
  rows_loaded: z.int(),
  transform_errors: z.int(),
  error_code: z.string().nullable(),
  error_msg: z.string().nullable(),
};

/** `data` of each type. Ids, counts, names and codes, as the API shows them; never a row's values, never a secret. */
const DATA: Record<MessageType, z.ZodObject> = {
  'run.completed': z.object(RUN),
  'run.partial': z.object(RUN),
  'run.failed': z.object(RUN),
  'connector.error': z.object({
    ...OF_CONNECTOR,
    run_id: z.string(),
    consecutive_failures: z.int(),
    error_code: z.string().nullable(),
    last_error: z.string().nullable(),
  }),
  'mapping.review_needed': z.object({
    connector_id: z.string(),
    mapping_job_id: z.string(),
    source_stream: z.string(),
    target_schema: z.string(),
    target_table: z.string(),
    mapped: z.int(),
    review_required: z.int(),
  }),
  'schema.drift': z.object({
    connector_id: z.string(),
    told_by: z.enum(['run', 'discover']),
    changes_count: z.int(),
    changes: z.array(
      z.object({
        stream: z.string(),
        field: z.string(),
        kind: z.enum(['added', 'removed', 'type_changed']),
        from: z.string().optional(),
        to: z.string().optional(),
      }),
    ),
    mappings_to_review: z.int(),
  }),
  'endpoint.disabled': z.object({ endpoint_id: z.string(), reason: z.enum(['gone', 'failing']) }),
  ping: z.object({ endpoint_id: z.string() }),
};

const SUMMARIES: Record<MessageType, string> = {
  'run.completed': 'A run brought everything',
  'run.partial': 'A run brought a part',
  'run.failed': 'A run failed',
  'connector.error': 'A connector is stopped until it is resumed',
  'mapping.review_needed': 'Proposed mappings wait for a person',
  'schema.drift': "A source's fields have changed",
  'endpoint.disabled': 'An endpoint was switched off',
  ping: 'Sent on request',
};

const Headers = z.object({
  'webhook-id': z.string().openapi({ description: 'The same at every attempt.' }),
  'webhook-timestamp': z.string().openapi({ description: 'Unix seconds of the attempt.' }),
  'webhook-signature': z.string().openapi({
    description: '`v1,<base64>`, more than one with a blank between while a secret is rotated.',
  }),
});

/** What endpoints receive, as the webhooks of the OpenAPI document. */
export function messageDocumentation(app: Api): void {
  for (const type of [...EVENT_TYPES, 'ping'] as const) {
    const message = z
      .object({
        type: z.literal(type),
        timestamp: z.string().openapi({ format: 'date-time' }),
        data: DATA[type],
      })
      .openapi(`Message_${type.replaceAll('.', '_')}`);
    app.openAPIRegistry.registerWebhook({
      method: 'post',
      path: type,
      tags: ['Notifications'],
      summary: SUMMARIES[type],
      request: { headers: Headers, body: { content: { 'application/json': { schema: message } } } },
      responses: { '2XX': { description: 'Delivered. Anything else is tried again.' } },
    });
  }
}
