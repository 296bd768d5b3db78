import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Deps } from '../../context.ts';
import { findWebhookKey } from '../../db/queries/connectors.ts';
import { ForbiddenError, messageOf } from '../../errors.ts';
import { isUuid } from '../connectors/connector-id.ts';

/** What a webhook says of itself, none of it believed yet. */
export interface WebhookClaim {
  connectorId: string;
  tenantId: string;
  sourceSystem: string;
  /** X-Webhook-Secret: hex HMAC-SHA256(secret, connector_id), "sha256=" before it or not. */
  secretHeader: string | null;
  /** X-Ivory-Signature: `t=<unix seconds>,v1=<hex HMAC-SHA256(secret, t + "." + body)>`. */
  signatureHeader: string | null;
  rawBody: Buffer;
}

export type VerifyWebhook = (claim: WebhookClaim) => Promise<{ tenantId: string; connectorId: string }>;

const MAX_AGE_MS = 5 * 60_000;
const NO_CONNECTOR = '00000000-0000-0000-0000-000000000000';

/**
 * Makes the verb that tells whose webhook it is. Whatever is wrong (unknown, malformed, deleted, another tenant's, badly signed, too old) is
 * refused in the same words after the same work: one look-up, one unsealing, two HMACs. Throws ForbiddenError `webhook.forbidden`.
 */
export function createWebhookVerifier(deps: Deps): VerifyWebhook {
  const nobody = { tenantId: '', sourceSystem: '', webhookSecretSealed: '' };
  nobody.webhookSecretSealed = deps.sealer.seal(
    randomBytes(32).toString('hex'),
    placeOf(nobody.tenantId, NO_CONNECTOR),
  );

  return async (claim) => {
    const wellFormed = isUuid(claim.connectorId);
    const found = await findWebhookKey(deps.database.db, wellFormed ? claim.connectorId : NO_CONNECTOR);
    const key = found ?? nobody;
    const place = placeOf(key.tenantId, found ? claim.connectorId.toLowerCase() : NO_CONNECTOR);
    const secret = openSecret(deps, key.webhookSecretSealed, place);
    const checks = [
      found !== null,
      secret !== null,
      isSignature(claim.secretHeader, secret ?? '', claim.connectorId),
      isFreshSignature(claim, secret ?? '', deps.now()),
      sameText(claim.tenantId, key.tenantId),
      sameText(claim.sourceSystem, key.sourceSystem),
    ];
    if (checks.includes(false)) throw webhookForbidden();
    return { tenantId: key.tenantId, connectorId: claim.connectorId.toLowerCase() };
  };
}

/** The words of every refused webhook. */
export function webhookForbidden(): ForbiddenError {
  return new ForbiddenError('webhook.forbidden', 'The webhook signature is not valid.');
}

/** A secret that does not open is our trouble, but the caller must not learn which connectors exist from it. */
function openSecret(deps: Deps, sealed: string, place: ReturnType<typeof placeOf>): string | null {
  try {
    return deps.sealer.open(sealed, place);
  } catch (error) {
    deps.log.error(
      { connector_id: place.connectorId, error: messageOf(error) },
      'a webhook secret does not open',
    );
    return null;
  }
}

function isFreshSignature({ signatureHeader, rawBody }: WebhookClaim, secret: string, now: Date): boolean {
  const { t = '', v1 = '' } = Object.fromEntries(
    (signatureHeader ?? '').split(',').map((part) => part.trim().split('=', 2)),
  );
  const signed = Buffer.concat([Buffer.from(`${t}.`), rawBody]);
  const valid = isSignature(v1, secret, signed);
  const fresh = /^\d{1,12}$/.test(t) && Math.abs(now.getTime() - Number(t) * 1000) <= MAX_AGE_MS;
  return signatureHeader === null || (valid && fresh);
}

function isSignature(given: string | null, secret: string, message: string | Buffer): boolean {
  const expected = createHmac('sha256', secret).update(message).digest('hex');
  return sameText(
    (given ?? '')
      .trim()
      .replace(/^sha256=/i, '')
      .toLowerCase(),
    expected,
  );
}

/** Compares digests, so that neither length nor content shows in the time it takes. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHmac('sha256', 'compare').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function placeOf(tenantId: string, connectorId: string) {
  return { tenantId, connectorId, field: 'webhook_secret' };
}
