import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import type { Deps } from '../context.ts';
import { InvalidError, NotFoundError } from '../errors.ts';
import type { Health } from '../services/health/health.ts';
import { watchHealth } from '../services/health/role-checks.ts';
import type { Api, ApiEnv } from './env.ts';
import { createGuard, type Guard } from './limits/guard.ts';
import { accessLog } from './middleware/access-log.ts';
import { authenticate } from './middleware/auth.ts';
import { limitBody } from './middleware/body-limit.ts';
import { checkBody } from './middleware/check-body.ts';
import { checkRequest } from './middleware/check-request.ts';
import { countRequests } from './middleware/count-requests.ts';
import { idempotency } from './middleware/idempotency.ts';
import { limitFailures } from './middleware/limit-failures.ts';
import { limitTenant } from './middleware/limit-tenant.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { traceRequests } from './middleware/trace-request.ts';
import { invalidRequest, renderProblem } from './problem.ts';
import { canonicalSchemaRoutes } from './routes/canonical-schemas.ts';
import { connectorRoutes } from './routes/connectors/index.ts';
import { FIVETRAN_WEBHOOK_PATH, fivetranWebhookRoute } from './routes/fivetran-webhook.ts';
import { foundryRoutes } from './routes/foundry/index.ts';
import { healthRoutes } from './routes/health.ts';
import { mappingRoutes } from './routes/mappings/index.ts';
import { metricsRoute } from './routes/metrics.ts';
import { notificationRoutes } from './routes/notifications/index.ts';
import { referenceRoutes } from './routes/reference.ts';
import { rejectedRowRoutes } from './routes/rejected-rows/index.ts';
import { runRoutes } from './routes/runs/index.ts';
import { scheduleRoutes } from './routes/schedules/index.ts';
import { stateRoutes } from './routes/state/index.ts';
import { WEBHOOK_PATH, webhookRoute } from './routes/webhook.ts';
import { createStreamSlots, type StreamLimits } from './stream-slots.ts';
import { type AuthOptions, createTokenVerifier } from './token.ts';

export interface ApiOptions {
  auth: AuthOptions;
  /** How long the webhook waits for a load before it answers 202. */
  webhookWaitMs?: number;
  /** Aborted when the process is about to close: streams end, so that nobody waits for them. */
  closing?: AbortSignal;
  streams?: StreamLimits;
  /** What the probes are told; absent: asked when somebody looks. */
  health?: Health;
  /** What is counted of callers; absent: the defaults, by this app alone. */
  guard?: Guard;
}

const WEBHOOK_WAIT_MS = 25_000;
const MAX_REQUEST_ID_LENGTH = 128;

/** The HTTP interface: everything under /v1 but the webhooks wants a bearer token. */
export function createApp(deps: Deps, options: ApiOptions): OpenAPIHono<ApiEnv> {
  const app: Api = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error);
    },
  });
  answerProblems(app, deps);
  useMiddleware(app, deps, options);
  healthRoutes(app, options.health ?? watchHealth(deps, { roles: ['api'], isWatching: false }));
  metricsRoute(app, deps);
  referenceRoutes(app);
  webhookRoute(app, deps, { waitMs: options.webhookWaitMs ?? WEBHOOK_WAIT_MS });
  fivetranWebhookRoute(app, deps);
  connectorRoutes(app);
  runRoutes(app, createStreamSlots(options.streams), options.closing ?? new AbortController().signal);
  mappingRoutes(app);
  canonicalSchemaRoutes(app);
  rejectedRowRoutes(app);
  stateRoutes(app);
  scheduleRoutes(app);
  foundryRoutes(app);
  notificationRoutes(app);
  return app;
}

function useMiddleware(app: Api, deps: Deps, { auth, guard = createGuard() }: ApiOptions): void {
  app.use(requestId({ limitLength: MAX_REQUEST_ID_LENGTH, generator: () => deps.newId() }));
  app.use(traceRequests(deps.tracing));
  app.use(accessLog(deps));
  app.use(countRequests(deps.metrics));
  app.use(securityHeaders(guard.clients));
  app.use(checkRequest());
  app.use(methodNotAllowed({ app, onMethodNotAllowed: notAllowed }));
  app.use(limitBody());
  app.use('/v1/*', limitFailures(deps, guard, isWebhook));
  for (const known of [authenticate(deps, createTokenVerifier(auth)), limitTenant(deps, guard)])
    app.use('/v1/*', (c, next) => (isWebhook(c.req.path) ? next() : known(c, next)));
  app.use('/v1/*', checkBody());
  const once = idempotency();
  app.use('/v1/*', (c, next) => (isWebhook(c.req.path) ? next() : once(c, next)));
}

/** These prove who they are by a signature. */
function isWebhook(path: string): boolean {
  return path === WEBHOOK_PATH || FIVETRAN_WEBHOOK_PATH.test(path);
}

function notAllowed(c: Parameters<typeof renderProblem>[0], methods: string[]): Response {
  c.header('Allow', methods.join(', '));
  const detail = `${c.req.path} answers ${methods.join(', ')}.`;
  return renderProblem(c, new InvalidError('request.method_not_allowed', detail), c.get('requestId'));
}

function answerProblems(app: Api, deps: Deps): void {
  app.notFound((c) =>
    renderProblem(
      c,
      new NotFoundError('route.not_found', 'There is nothing at this path.'),
      c.get('requestId'),
    ),
  );
  app.onError((error, c) => {
    if (error instanceof HTTPException && error.res) return error.getResponse();
    if (c.req.raw.signal.aborted) return renderProblem(c, clientGone(error), c.get('requestId'));
    const response = renderProblem(c, error, c.get('requestId'));
    if (response.status >= 500) {
      // what is known to be away says so itself: an operator is to look at what nobody foresaw
      const level = response.status === 503 ? 'warn' : 'error';
      const log = c.get('ctx')?.log ?? deps.log.child({ request_id: c.get('requestId') });
      log[level]({ event: 'request.failed', err: error }, 'a request failed');
    }
    return response;
  });
}

/** Nobody hears the answer, and nothing went wrong on our side: whatever failed, failed because the client went. */
function clientGone(cause: unknown): InvalidError {
  return new InvalidError('request.cut_off', 'The client went before it was answered.', { cause });
}
