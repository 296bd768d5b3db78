import { randomBytes } from 'node:crypto';
import type { Deps } from '../../context.ts';
import { findWebhookKey, type WebhookKey } from '../../db/queries/connectors.ts';
import { ForbiddenError } from '../../errors.ts';
import { isUuid } from '../connectors/connector-id.ts';

export interface FoundSecret extends Omit<WebhookKey, 'webhookSecretSealed'> {
  /** False: there is no such connector; everything else is nobody's then. */
  found: boolean;
  connectorId: string;
  /** null: it does not open. */
  secret: string | null;
}

export type FindSecret = (connectorId: string) => Promise<FoundSecret>;

const NO_CONNECTOR = '00000000-0000-0000-0000-000000000000';

/**
 * Makes the look-up of a connector's webhook secret. An unknown or malformed id costs the same work as a known one, on a secret nobody
 * has: one look-up, one unsealing.
 */
export function createSecretFinder(deps: Deps): FindSecret {
  const nobody: WebhookKey = {
    tenantId: '',
    sourceSystem: '',
    connectorType: 'custom',
    webhookSecretSealed: deps.sealer.seal(randomBytes(32).toString('hex'), placeOf('', NO_CONNECTOR)),
  };
  return async (claimedId) => {
    const connectorId = isUuid(claimedId) ? claimedId.toLowerCase() : NO_CONNECTOR;
    const known = await findWebhookKey(deps.database.db, connectorId);
    const { webhookSecretSealed, ...key } = known ?? nobody;
    const place = placeOf(key.tenantId, known ? connectorId : NO_CONNECTOR);
    return {
      ...key,
      found: known !== null,
      connectorId,
      secret: openSecret(deps, webhookSecretSealed, place),
    };
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
      { event: 'webhook.secret_unopened', connector_id: place.connectorId, err: error },
      'a webhook secret does not open',
    );
    return null;
  }
}

function placeOf(tenantId: string, connectorId: string) {
  return { tenantId, connectorId, field: 'webhook_secret' };
}
