import type { MessageType } from '../../domain/notification.ts';
import type { Database } from '../client.ts';

/** A delivery under a lease, with all it takes to send it. */
export interface ClaimedDelivery {
  id: string;
  tenantId: string;
  fence: number;
  /** Attempts before this one: ever, and in this round. */
  attempts: number;
  tries: number;
  type: MessageType;
  messageId: string;
  body: string;
  endpointId: string;
  url: string;
  active: boolean;
  secretSealed: string;
  /** null: there is none, or its time is over. */
  oldSecretSealed: string | null;
}

export interface ClaimLimits {
  /** Deliveries to claim at most. */
  limit: number;
  /** Under way at once, in all processes together. */
  perEndpoint: number;
  perTenant: number;
  leaseMs: number;
}

const LOCK = "hashtextextended('ivory.notifications', 0)";

/**
 * Takes what is due, the tenants' in turn, and within limits that hold for all processes: they claim one after the other. What a lost
 * worker had is due again first. The lock and the claim are one message to Postgres: a process that is stopped in the middle of it keeps
 * nobody waiting. Endpoints that have something waiting are found by leaps through an index, however much waits there.
 */
export async function claimDeliveries({ sql }: Database, limits: ClaimLimits): Promise<ClaimedDelivery[]> {
  const results = await sql.unsafe(claimText(limits)).simple();
  const rows: unknown = results.at(-1);
  return (Array.isArray(rows) ? rows : []) as ClaimedDelivery[];
}

function claimText(limits: ClaimLimits): string {
  const [limit, perEndpoint, perTenant, leaseMs] = [
    limits.limit,
    limits.perEndpoint,
    limits.perTenant,
    limits.leaseMs,
  ].map((number) => Math.trunc(number));
  return `
select pg_advisory_xact_lock(${LOCK});
update etl.notification_deliveries set status = 'pending', lease_until = null, next_attempt_at = now()
  where id in (select id from etl.notification_deliveries where status = 'sending' and lease_until < now() for update skip locked);
with recursive waiting as (
  (select endpoint_id, tenant_id from etl.notification_deliveries where status = 'pending' order by endpoint_id limit 1)
  union all
  select next.endpoint_id, next.tenant_id from waiting cross join lateral (
    select d.endpoint_id, d.tenant_id from etl.notification_deliveries d
    where d.status = 'pending' and d.endpoint_id > waiting.endpoint_id order by d.endpoint_id limit 1) next
),
busy as materialized (select endpoint_id, tenant_id from etl.notification_deliveries where status = 'sending'),
due as (
  select d.id, w.tenant_id, d.next_attempt_at,
    row_number() over (partition by w.tenant_id order by d.next_attempt_at, d.id) as turn
  from waiting w cross join lateral (
    select id, next_attempt_at from etl.notification_deliveries
    where status = 'pending' and endpoint_id = w.endpoint_id and next_attempt_at <= now()
    order by next_attempt_at, id
    limit greatest(0, ${perEndpoint} - (select count(*) from busy where busy.endpoint_id = w.endpoint_id))
    for update skip locked) d
),
chosen as materialized (
  select id from due
  where turn <= ${perTenant} - (select count(*) from busy where busy.tenant_id = due.tenant_id)
  order by turn, next_attempt_at limit ${limit}
)
update etl.notification_deliveries d
set status = 'sending', fence = d.fence + 1, lease_until = now() + interval '${leaseMs} milliseconds'
from chosen, etl.notification_messages m, etl.notification_endpoints e
where d.id = chosen.id and m.id = d.message_id and e.id = d.endpoint_id and d.status = 'pending'
returning d.id, d.tenant_id as "tenantId", d.fence, d.attempts, d.tries, d.type, d.message_id as "messageId", m.body,
  d.endpoint_id as "endpointId", e.url, e.active, e.secret_sealed as "secretSealed",
  case when e.old_secret_until > now() then e.old_secret_sealed end as "oldSecretSealed"`;
}
