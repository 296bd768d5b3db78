import type { Deps } from '../../context.ts';
import { createSecretFinder, webhookForbidden } from './find-secret.ts';
import { isSignature, sameText } from './signature.ts';

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

/**
 * Makes the verb that tells whose webhook it is. Whatever is wrong (unknown, malformed, deleted, another tenant's, badly signed, too old) is
 * refused in the same words after the same work: one look-up, one unsealing, two HMACs. Throws ForbiddenError `webhook.forbidden`.
 */
export function createWebhookVerifier(deps: Deps): VerifyWebhook {
  const findSecret = createSecretFinder(deps);
  return async (claim) => {
    const key = await findSecret(claim.connectorId);
    const secret = key.secret ?? '';
    const checks = [
      key.found,
      key.secret !== null,
      isSignature(claim.secretHeader, secret, claim.connectorId),
      isFreshSignature(claim, secret, deps.now()),
      sameText(claim.tenantId, key.tenantId),
      sameText(claim.sourceSystem, key.sourceSystem),
    ];
    if (checks.includes(false)) throw webhookForbidden();
    return { tenantId: key.tenantId, connectorId: key.connectorId };
  };
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
