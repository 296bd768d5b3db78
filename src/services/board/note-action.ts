import type { Deps } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';

export interface OperatorAction {
  /** "queue.retry_job" */
  action: string;
  /** "runner", "runner/<job id>" or "all" */
  subject: string;
  requestId: string;
}

/** No tenant's: an operator acts on queues, which all tenants share. */
const NOBODY = '';

/**
 * Says what an operator does, in the log and in audit.events. The log is certain; a database that is down keeps nobody from pausing a queue.
 */
export async function noteAction(
  { database, log }: Deps,
  { action, subject, requestId }: OperatorAction,
): Promise<void> {
  log.info(
    { event: 'operator.acted', actor: 'operator', action, subject, request_id: requestId },
    'an operator acts on the queues',
  );
  const actor = { tenantId: NOBODY, actor: 'operator', requestId };
  await insertAuditEvent(database.db, actor, { action, subject }).catch((error: unknown) => {
    log.warn(
      { event: 'operator.unaudited', action, subject, err: error },
      'what the operator did is in this log only',
    );
  });
}
