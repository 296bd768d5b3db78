import type { DbOrTx } from '../client.ts';
import { auditEvents } from '../schema/index.ts';

export interface AuditEvent {
  /** "<entity>.<verb>" */
  action: string;
  /** id or name of what was acted on */
  subject: string;
  /** Never a secret, never a payload. */
  detail?: Record<string, unknown>;
}

export interface AuditActor {
  tenantId: string;
  actor: string;
  requestId: string;
}

/** Says who did what, in the transaction that does it. */
export async function insertAuditEvent(
  tx: DbOrTx,
  { tenantId, actor, requestId }: AuditActor,
  { action, subject, detail = {} }: AuditEvent,
): Promise<void> {
  await tx.insert(auditEvents).values({ tenantId, actor, requestId, action, subject, detail });
}
