import { sql } from 'drizzle-orm';
import type { MessageType } from '../../domain/notification.ts';
import type { DbOrTx } from '../client.ts';
import {
  notificationDeliveries,
  notificationEndpoints,
  notificationMessages,
  outbox,
} from '../schema/index.ts';

export interface NewMessage {
  id: string;
  tenantId: string;
  type: MessageType;
  connectorId: string | null;
  body: string;
}

/**
 * Writes a message with a delivery to each active endpoint of its tenant that wants it, and the job that sends them: all in one statement,
 * nothing where nobody wants it. An endpoint that is being deleted is waited for and passed over.
 */
export async function insertMessage(tx: DbOrTx, message: NewMessage): Promise<void> {
  const { id, tenantId, type, connectorId, body } = message;
  const wanted = sql`select id from ${notificationEndpoints} e where e.tenant_id = ${tenantId} and e.active
    and (e.events is null or ${type}::text = any(e.events))
    and (e.connector_ids is null or ${connectorId}::uuid is null or ${connectorId}::uuid = any(e.connector_ids))
    for key share`;
  await tx.execute(sql`with wanted as materialized (${wanted}),
    message as (insert into ${notificationMessages} (id, tenant_id, type, connector_id, body)
      select ${id}::uuid, ${tenantId}, ${type}, ${connectorId}::uuid, ${body} where exists (select from wanted) returning id),
    delivery as (insert into ${notificationDeliveries} (id, tenant_id, message_id, endpoint_id, type, connector_id)
      select gen_random_uuid(), ${tenantId}, message.id, wanted.id, ${type}, ${connectorId}::uuid from wanted, message)
    ${nudge(sql`select id from message`)}`);
}

/** A message to one endpoint alone, whatever it wants. Answers the delivery. */
export async function insertMessageTo(
  tx: DbOrTx,
  message: NewMessage,
  { endpointId, deliveryId }: { endpointId: string; deliveryId: string },
): Promise<void> {
  const { id, tenantId, type, connectorId } = message;
  await tx.insert(notificationMessages).values(message).onConflictDoNothing();
  await tx
    .insert(notificationDeliveries)
    .values({ id: deliveryId, tenantId, messageId: id, endpointId, type, connectorId })
    .onConflictDoNothing();
  await nudgeSending(tx, id);
}

/** Has what is due sent soon. `reason`: an id that makes the job another one than the last. */
export async function nudgeSending(tx: DbOrTx, reason: string): Promise<void> {
  await tx.execute(nudge(sql`select ${reason}::uuid as id`));
}

function nudge(ids: ReturnType<typeof sql>) {
  return sql`insert into ${outbox} (job, payload, job_id)
    select 'send-notifications', '{}'::jsonb, 'notify-' || id from (${ids}) as due`;
}
