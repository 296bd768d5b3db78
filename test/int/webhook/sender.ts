import { createHmac } from 'node:crypto';
import type { Answer, ApiFixture } from '../api/fixture.ts';

const WEBHOOK = '/v1/etl/meltano/webhook';

export interface Registered {
  id: string;
  webhook_secret: string;
}

export const hmac = (secret: string, message: string) =>
  createHmac('sha256', secret).update(message).digest('hex');

/** A report as an external runner makes it, changed as said. */
export function reportOf({ id }: Registered, changes: Record<string, unknown> = {}) {
  return {
    connector_id: id,
    tenant_id: 'acme',
    source_system: 'salesforce',
    status: 'completed',
    rows_written: 0,
    error_msg: null,
    duration_s: 3,
    ...changes,
  };
}

/** Sends reports as the runner does: signed with the connector's secret, without a token. `raw` is sent as it is. */
export function createSender(api: ApiFixture) {
  return (
    connector: Registered,
    changes: Record<string, unknown> = {},
    { raw, headers }: { raw?: string; headers?: Record<string, string> } = {},
  ): Promise<Answer> =>
    api.call('POST', WEBHOOK, {
      token: null,
      body: raw ?? reportOf(connector, changes),
      headers: headers ?? { 'x-webhook-secret': hmac(connector.webhook_secret, connector.id) },
    });
}
