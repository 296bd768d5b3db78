import { eq, sql } from 'drizzle-orm';
import { notificationDeliveries, notificationEndpoints } from '../../../src/db/schema/index.ts';
import { createNotificationSender, type SenderLimits } from '../../../src/services/notifications/sender.ts';
import type { TestDeps } from '../../harness/context.ts';
import { type ApiFixture, createApiFixture } from '../api/fixture.ts';

export const ENDPOINTS = '/v1/notifications/endpoints';
export const DELIVERIES = '/v1/notifications/deliveries';

export interface NotificationFixture extends ApiFixture {
  /** Registers an endpoint as a tenant would; answers its id and its secret. */
  endpoint(
    url: string,
    settings?: Record<string, unknown>,
    tenant?: string,
  ): Promise<{ id: string; secret: string }>;
  /** Has a ping sent to an endpoint; answers its delivery's id. */
  ping(endpointId: string, tenant?: string): Promise<string>;
  /** Sends what is due, as a worker's job does, until nothing is. */
  send(limits?: Partial<SenderLimits>): Promise<void>;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects of a body field by field
  delivery(id: string, tenant?: string): Promise<any>;
  /** Makes every waiting delivery due, as the time that passes would. */
  later(): Promise<void>;
}

export async function createNotificationFixture(
  overrides: (deps: TestDeps) => Partial<TestDeps> = () => ({}),
): Promise<NotificationFixture> {
  const api = await createApiFixture({}, overrides);
  const { deps, call } = api;
  return {
    ...api,
    async endpoint(url, settings = {}, tenant = 'acme') {
      const { status, body, text } = await call('POST', ENDPOINTS, { body: { url, ...settings }, tenant });
      if (status !== 201) throw new Error(`the endpoint was not made: ${text}`);
      return body;
    },
    async ping(endpointId, tenant = 'acme') {
      const { status, body, text } = await call('POST', `${ENDPOINTS}/${endpointId}/test`, { tenant });
      if (status !== 202) throw new Error(`no ping was made: ${text}`);
      return body.id;
    },
    send: (limits) => createNotificationSender(deps, limits).sendDue(new AbortController().signal),
    async delivery(id, tenant = 'acme') {
      return (await call('GET', `${DELIVERIES}/${id}`, { tenant })).body;
    },
    async later() {
      await deps.database.db
        .update(notificationDeliveries)
        .set({ nextAttemptAt: sql`now()` })
        .where(eq(notificationDeliveries.status, 'pending'));
    },
  };
}

export function endpointRows(deps: TestDeps) {
  return deps.database.db.select().from(notificationEndpoints);
}

export function deliveryRows(deps: TestDeps) {
  return deps.database.db.select().from(notificationDeliveries).orderBy(notificationDeliveries.seq);
}
