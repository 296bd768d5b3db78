import type { Deps } from '../../context.ts';
import { endUnsent, releaseDelivery } from '../../db/queries/notification-attempts.ts';
import type { ClaimedDelivery } from '../../db/queries/notification-claims.ts';
import { webhookId } from '../../domain/notification.ts';
import { signatureHeaders } from '../../domain/notification-signature.ts';
import { AppError } from '../../errors.ts';
import type { WebhookOutcome } from '../../ports/webhook-sender.ts';
import { secretPlace } from './endpoint-secret.ts';
import { settleAttempt } from './settle-attempt.ts';

/**
 * Sends one delivery that this worker has claimed and writes how it went. Never throws: what cannot be written down is sent again when
 * the lease is over, under the same webhook-id.
 */
export async function deliver(deps: Deps, claimed: ClaimedDelivery, signal: AbortSignal): Promise<void> {
  const { id, tenantId, endpointId } = claimed;
  try {
    if (claimed.active) await attempt(deps, claimed, signal);
    else await giveUp(deps, claimed);
  } catch (error) {
    if (signal.aborted) return giveBack(deps, claimed);
    deps.log.error(
      {
        ...{ event: 'notification.unsettled', tenant_id: tenantId, delivery_id: id, endpoint_id: endpointId },
        err: error,
      },
      'a notification could not be sent, or its attempt not be written down; it is sent again',
    );
  }
}

async function attempt(deps: Deps, claimed: ClaimedDelivery, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  const attributes = { 'ivory.tenant_id': claimed.tenantId, 'ivory.delivery_id': claimed.id };
  const outcome = await deps.tracing.span(
    'notification.send',
    { kind: 'client', attributes },
    async (span) => {
      const sent = await send(deps, claimed, signal);
      if (sent.kind === 'failed') span.fail(sent.fault);
      return sent;
    },
  );
  const durationMs = Math.round(performance.now() - startedAt);
  await settleAttempt(deps, claimed, { outcome, durationMs });
}

/** Its endpoint was switched off while it waited. */
async function giveUp(deps: Deps, claimed: ClaimedDelivery): Promise<void> {
  const fault = 'endpoint_inactive';
  if (!(await endUnsent(deps.database.db, claimed, fault))) return;
  const ids = { tenant_id: claimed.tenantId, endpoint_id: claimed.endpointId, delivery_id: claimed.id };
  deps.log.info({ event: 'notification.given_up', ...ids, fault }, 'a notification was given up');
  deps.metrics.notificationSent('given_up');
}

function send(deps: Deps, claimed: ClaimedDelivery, signal: AbortSignal): Promise<WebhookOutcome> {
  const secrets = openSecrets(deps, claimed);
  if (secrets === null) return Promise.resolve(UNREADABLE);
  const { url, body, messageId } = claimed;
  const signed = { id: webhookId(messageId), at: deps.now(), body };
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Ivory-Webhooks/1',
    ...signatureHeaders(signed, secrets),
  };
  return deps.webhooks.send({ url, headers, body }, signal);
}

const UNREADABLE: WebhookOutcome = {
  kind: 'failed',
  fault: 'secret_unreadable',
  message: 'the secret of the endpoint cannot be read; rotate it',
};

/** The present one first. null: it does not open, as when the master key was replaced. */
function openSecrets({ sealer }: Deps, claimed: ClaimedDelivery): string[] | null {
  const sealed = [claimed.secretSealed, claimed.oldSecretSealed].filter((text) => text !== null);
  try {
    return sealed.map((text) => sealer.open(text, secretPlace(claimed)));
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

/** The process ends: another sends it, now. */
async function giveBack(deps: Deps, claimed: ClaimedDelivery): Promise<void> {
  await releaseDelivery(deps.database.db, claimed).catch((error: unknown) => {
    const ids = { tenant_id: claimed.tenantId, delivery_id: claimed.id };
    deps.log.warn(
      { event: 'notification.not_given_back', ...ids, err: error },
      'a notification was not given back',
    );
  });
}
