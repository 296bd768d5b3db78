import { createRoute, z } from '@hono/zod-openapi';
import { contextFor, type Deps } from '../../context.ts';
import type { SourceEvent } from '../../domain/source-news.ts';
import { InvalidError } from '../../errors.ts';
import { hearSource } from '../../services/webhook/hear-source.ts';
import { createFivetranVerifier } from '../../services/webhook/verify-fivetran.ts';
import { body, json, problem } from '../contract.ts';
import type { Api } from '../env.ts';

export const FIVETRAN_WEBHOOK_PATH = /^\/v1\/etl\/fivetran\/webhook\/[^/]+$/;

/** As Fivetran documents it, in the parts that matter here. */
const FivetranEvent = z
  .looseObject({
    event: z.string().openapi({ example: 'sync_end' }),
    created: z.string().openapi({ format: 'date-time' }),
    connector_name: z.string().optional().openapi({ description: "The connection's destination schema." }),
    data: z.looseObject({ status: z.string().optional().openapi({ example: 'SUCCESSFUL' }) }).optional(),
  })
  .openapi('FivetranEvent');

const text = z.string().nullish().catch(null);

/** Whoever signed is believed, and an event of another shape is none to follow: Fivetran would send a refused one again for a day. */
const Received = z.looseObject({
  event: text,
  created: text,
  connector_name: text,
  data: z.looseObject({ status: text }).nullish().catch(null),
});

const Heard = z
  .object({
    connector_id: z.string(),
    status: z.enum(['nudged', 'queued', 'ignored']),
    run_id: z.string().nullable().openapi({ description: 'The run that looks at once.' }),
    reason: z.string().nullable().openapi({ description: 'Why nothing was done.' }),
  })
  .openapi('FivetranHeard');

/** Written down here, but not validated by it: who signed must be known before anything is said of the body. */
const CONTRACT = createRoute({
  method: 'post',
  path: '/v1/etl/fivetran/webhook/{connector_id}',
  tags: ['Webhook'],
  summary: 'Hear of a sync from Fivetran',
  description:
    'Called by Fivetran. A run that waits for the sync looks at once; without one a run is made due that takes up what has been synced. The same event again changes nothing.',
  request: {
    params: z.object({
      connector_id: z.string().openapi({ param: { name: 'connector_id', in: 'path' } }),
    }),
    headers: z.object({
      'x-fivetran-signature-256': z
        .string()
        .openapi({ description: 'Hex HMAC-SHA256(webhook_secret, body)' }),
    }),
    body: body(FivetranEvent),
  },
  responses: {
    202: json(Heard, 'Heard'),
    400: problem(400),
    403: problem(403),
    413: problem(413),
    422: problem(422),
    429: problem(429),
    500: problem(500),
    503: problem(503),
  },
});

export function fivetranWebhookRoute(app: Api, deps: Deps): void {
  const verify = createFivetranVerifier(deps);
  app.openAPIRegistry.registerPath(CONTRACT);
  app.post('/v1/etl/fivetran/webhook/:connector_id', async (c) => {
    const rawBody = Buffer.from(await c.req.arrayBuffer());
    const { tenantId, connectorId } = await verify({
      connectorId: c.req.param('connector_id'),
      signatureHeader: c.req.header('x-fivetran-signature-256') ?? null,
      rawBody,
    });
    const event = eventOf(Received.parse(parseJson(rawBody.toString('utf8'))));
    const ctx = contextFor(deps, { tenantId, actor: 'webhook', requestId: c.get('requestId') });
    const { status, runId, reason } = await hearSource(ctx, { connectorId, event });
    return c.json({ connector_id: connectorId, status, run_id: runId, reason }, 202);
  });
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new InvalidError('request.malformed_json', 'The body is not valid JSON.', { cause });
  }
}

function eventOf({ event, created, connector_name, data }: z.infer<typeof Received>): SourceEvent {
  const createdAt = new Date(created ?? '');
  return {
    name: event ?? '',
    createdAt: Number.isNaN(createdAt.getTime()) ? null : createdAt,
    // some services name their one table as well: "schema.table"
    schema: connector_name?.split('.')[0] ?? null,
    succeeded: data?.status === 'SUCCESSFUL',
  };
}
