import type { Deps } from '../../context.ts';
import { createSecretFinder, webhookForbidden } from './find-secret.ts';
import { isSignature } from './signature.ts';

/** What a call claims to be, none of it believed yet. */
export interface FivetranClaim {
  connectorId: string;
  /** X-Fivetran-Signature-256: hex HMAC-SHA256(the connector's webhook_secret, body). */
  signatureHeader: string | null;
  rawBody: Buffer;
}

/**
 * Makes the verb that tells whose event of Fivetran it is. Unknown, malformed, deleted, of another type or badly signed: refused in the same
 * words after the same work. Throws ForbiddenError `webhook.forbidden`.
 */
export function createFivetranVerifier(deps: Deps) {
  const findSecret = createSecretFinder(deps);
  return async ({ connectorId, signatureHeader, rawBody }: FivetranClaim) => {
    const key = await findSecret(connectorId);
    const checks = [
      key.found,
      key.secret !== null,
      isSignature(signatureHeader, key.secret ?? '', rawBody),
      key.connectorType === 'fivetran',
    ];
    if (checks.includes(false)) throw webhookForbidden();
    return { tenantId: key.tenantId, connectorId: key.connectorId };
  };
}
