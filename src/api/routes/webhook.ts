import { createRoute, z } from '@hono/zod-openapi';
import { contextFor, type Deps } from '../../context.ts';
import { jsonDepth } from '../../domain/json-depth.ts';
import { parseLossless } from '../../domain/lossless-json.ts';
import { REPORT_STATUSES } from '../../domain/run-state.ts';
import { InvalidError } from '../../errors.ts';
import { awaitOutcome } from '../../services/runs/await-outcome.ts';
import { reportRun } from '../../services/runs/report.ts';
import { createWebhookVerifier, type WebhookClaim } from '../../services/webhook/verify.ts';
import { body, json, problem } from '../contract.ts';
import type { Api } from '../env.ts';

export const WEBHOOK_PATH = '/v1/etl/meltano/webhook';

const MAX_ERROR_CHARACTERS = 10_000;
/** The report itself is one level; no tap keeps its bookmarks half as deep. */
const MAX_DEPTH = 101;

const WebhookReport = z
  .strictObject({
    connector_id: z.string(),
    tenant_id: z.string(),
    source_system: z.string(),
    status: z.enum(REPORT_STATUSES),
    rows_written: z.int().min(0).default(0),
    tap_state: z
      .record(z.string(), z.unknown())
      .nullable()
      .default(null)
      .openapi({ description: 'Singer STATE for the next run; absent, null or {} keeps the last one.' }),
    error_msg: z.string().nullable().default(null),
    duration_s: z.int().min(0).max(2_147_483_647).nullable().default(null),
    run_id: z
      .uuid()
      .nullable()
      .default(null)
      .openapi({ description: 'etl.runner_jobs.id, when the runner knows it.' }),
  })
  .openapi('WebhookReport');

const Loaded = z
  .object({
    run_id: z.string(),
    status: z.string(),
    rows_loaded: z.int(),
    rows_failed: z.int(),
    tables: z.array(z.string()),
  })
  .openapi('WebhookAnswer');

const Loading = z.object({ run_id: z.string(), status: z.literal('loading') }).openapi('WebhookLoading');

/** Written down here, but not validated by it: who signed must be known before anything is said of the body. */
const CONTRACT = createRoute({
  method: 'post',
  path: WEBHOOK_PATH,
  tags: ['Webhook'],
  summary: 'Report a finished tap',
  description:
    'Called by the runner. Answers when the rows are loaded, or 202 after 25 s of loading. A run_id reported before gets its first outcome.',
  request: {
    headers: z.object({
      'x-webhook-secret': z
        .string()
        .openapi({ description: 'Hex HMAC-SHA256(webhook_secret, connector_id)' }),
      'x-ivory-signature': z
        .string()
        .optional()
        .openapi({ description: 't=<unix>,v1=<hex HMAC-SHA256(webhook_secret, t + "." + body)>, 5 minutes' }),
    }),
    body: body(WebhookReport),
  },
  responses: {
    200: json(Loaded, 'Loaded, or failed and recorded'),
    202: json(Loading, 'Still loading'),
    400: problem(400),
    403: problem(403),
    409: problem(409),
    413: problem(413),
    415: problem(415),
    422: problem(422),
    429: problem(429),
    500: problem(500),
    503: problem(503),
  },
});

export function webhookRoute(app: Api, deps: Deps, { waitMs }: { waitMs: number }): void {
  const verify = createWebhookVerifier(deps);
  app.openAPIRegistry.registerPath(CONTRACT);
  app.post(WEBHOOK_PATH, async (c) => {
    assertJson(c.req.header('content-type'));
    const rawBody = Buffer.from(await c.req.arrayBuffer());
    const text = rawBody.toString('utf8');
    const unverified = parseJson(text);
    const { tenantId, connectorId } = await verify({
      ...claimOf(unverified),
      secretHeader: c.req.header('x-webhook-secret') ?? null,
      signatureHeader: c.req.header('x-ivory-signature') ?? null,
      rawBody,
    });
    const report = WebhookReport.parse(unverified);
    assertShallow(text);
    const ctx = contextFor(deps, { tenantId, actor: 'webhook', requestId: c.get('requestId') });
    const { runId } = await reportRun(ctx, {
      connectorId,
      runId: report.run_id,
      status: report.status,
      rowsWritten: report.rows_written,
      tapState: report.tap_state === null ? null : stateText(text),
      errorMsg: report.error_msg && cleaned(report.error_msg),
      durationS: report.duration_s,
    });
    const outcome = await awaitOutcome(ctx, { runId, timeoutMs: waitMs, signal: c.req.raw.signal });
    if (!outcome.done) return c.json({ run_id: runId, status: 'loading' }, 202);
    const { status, rowsLoaded, rowsFailed, tables } = outcome;
    return c.json({ run_id: runId, status, rows_loaded: rowsLoaded, rows_failed: rowsFailed, tables }, 200);
  });
}

function assertJson(contentType: string | undefined): void {
  if (/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType ?? '')) return;
  throw new InvalidError('request.unsupported_media_type', 'Send the body as application/json.');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidError('request.malformed_json', 'The body is not valid JSON.', { cause });
  }
}

function assertShallow(text: string): void {
  if (jsonDepth(text) <= MAX_DEPTH) return;
  const message = `is nested deeper than ${MAX_DEPTH - 1} levels`;
  throw new InvalidError('request.invalid', 'The request is not valid: see tap_state.', {
    errors: [{ field: 'tap_state', message }],
  });
}

const Claim = z.object({
  connector_id: z.string().catch(''),
  tenant_id: z.string().catch(''),
  source_system: z.string().catch(''),
});

function claimOf(unverified: unknown): Pick<WebhookClaim, 'connectorId' | 'tenantId' | 'sourceSystem'> {
  const claim = Claim.safeParse(unverified).data;
  return {
    connectorId: claim?.connector_id ?? '',
    tenantId: claim?.tenant_id ?? '',
    sourceSystem: claim?.source_system ?? '',
  };
}

const WithState = z.object({ tap_state: z.unknown() });

/** The state as text with its numbers as they were written. */
function stateText(text: string): string {
  return JSON.stringify(WithState.parse(parseLossless(text)).tap_state);
}

/** Postgres keeps no NUL in text. */
function cleaned(message: string): string {
  return message.replaceAll('\u0000', '').slice(0, MAX_ERROR_CHARACTERS);
}
