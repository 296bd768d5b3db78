import { type Ctx, contextFor, type Deps } from '../../context.ts';
import type { DbOrTx } from '../../db/client.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import {
  type AttemptMade,
  type DeliveryAfter,
  noteFailing,
  noteWorking,
  recordAttempt,
} from '../../db/queries/notification-attempts.ts';
import type { ClaimedDelivery } from '../../db/queries/notification-claims.ts';
import { holdEndpoint } from '../../db/queries/notification-endpoints.ts';
import { type DisabledReason, type Fault, webhookId } from '../../domain/notification.ts';
import { askedWaitMs, MAX_TRIES, retryAfterMs } from '../../domain/notification-retry.ts';
import type { WebhookOutcome } from '../../ports/webhook-sender.ts';
import { notify } from './notify.ts';

export interface MadeAttempt {
  outcome: WebhookOutcome;
  durationMs: number;
}

/** An endpoint to which nothing was delivered for so long is switched off. */
const FAILING_MS = 5 * 24 * 3_600_000;

const GONE = 410;

/** Writes how an attempt went, when to try again, and what it says of the endpoint, in one transaction; tells log and metrics. */
export async function settleAttempt(
  deps: Deps,
  claimed: ClaimedDelivery,
  attempt: MadeAttempt,
): Promise<void> {
  const { tenantId } = claimed;
  const ctx = contextFor(deps, { tenantId, actor: 'worker:mapping', requestId: claimed.id });
  const made = madeOf(claimed, attempt, deps.now());
  const settled = await deps.database.db.transaction(async (tx) => {
    if (!(await holdEndpoint(tx, tenantId, claimed.endpointId))) return null;
    if (!(await recordAttempt(tx, claimed, made))) return null;
    return { disabled: await noteEndpoint(ctx, tx, claimed, made) };
  });
  const { status, fault, durationMs } = made;
  ctx.log.info(
    {
      event: fault === null ? 'notification.delivered' : 'notification.not_delivered',
      ...{ endpoint_id: claimed.endpointId, delivery_id: claimed.id, type: claimed.type },
      ...{ webhook_id: webhookId(claimed.messageId), attempt: claimed.attempts + 1, next: made.after.status },
      ...{ status, fault, duration_ms: durationMs, disabled: settled?.disabled ?? undefined },
      lease_lost: settled === null || undefined,
    },
    fault === null ? 'a notification was delivered' : 'a notification was not delivered',
  );
  if (settled) deps.metrics.notificationSent(metricOf(made.after));
}

function madeOf({ tries }: ClaimedDelivery, { outcome, durationMs }: MadeAttempt, now: Date): AttemptMade {
  if (outcome.kind === 'failed') {
    const after = afterFailure(tries, null);
    return { durationMs, status: null, fault: outcome.fault, error: outcome.message, excerpt: null, after };
  }
  const { status, excerpt, retryAfter } = outcome;
  const fault = faultOf(status);
  const answered = { durationMs, status, fault, excerpt, error: fault && wordsOf(status) };
  if (fault === null) return { ...answered, after: { status: 'delivered' } };
  if (status === GONE) return { ...answered, after: { status: 'failed' } };
  const asked = status === 429 || status === 503 ? askedWaitMs(retryAfter, now) : null;
  return { ...answered, after: afterFailure(tries, asked) };
}

function afterFailure(tries: number, askedMs: number | null): DeliveryAfter {
  const inMs = retryAfterMs(Math.min(tries + 1, MAX_TRIES), Math.random(), askedMs);
  return inMs === null ? { status: 'failed' } : { status: 'pending', inMs };
}

function faultOf(status: number): Fault | null {
  if (status >= 200 && status < 300) return null;
  return status >= 300 && status < 400 ? 'redirected' : 'status';
}

function wordsOf(status: number): string {
  return faultOf(status) === 'redirected'
    ? `answered ${status}: redirects are not followed`
    : `answered ${status}`;
}

/** Says why the endpoint was switched off, when this attempt did it. */
async function noteEndpoint(
  ctx: Ctx,
  tx: DbOrTx,
  claimed: ClaimedDelivery,
  made: AttemptMade,
): Promise<DisabledReason | null> {
  if (made.fault === null) {
    await noteWorking(tx, claimed);
    return null;
  }
  const isGone = made.status === GONE;
  const reason = await noteFailing(tx, claimed, { isGone, failingMs: FAILING_MS, failures: MAX_TRIES });
  if (reason === null) return null;
  const { endpointId } = claimed;
  await insertAuditEvent(tx, ctx, {
    action: 'notification_endpoint.disable',
    subject: endpointId,
    detail: { reason },
  });
  const data = { endpoint_id: endpointId, reason };
  await notify(ctx, tx, { type: 'endpoint.disabled', connectorId: null, data });
  return reason;
}

function metricOf({ status }: DeliveryAfter) {
  switch (status) {
    case 'delivered':
      return 'delivered';
    case 'pending':
      return 'failed';
    case 'failed':
      return 'given_up';
  }
}
