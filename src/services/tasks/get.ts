import type { Ctx } from '../../context.ts';
import { type ConnectorTask, findTask } from '../../db/queries/connector-tasks.ts';
import { findConnector } from '../../db/queries/connectors.ts';
import { NotFoundError } from '../../errors.ts';
import { assertConnectorId, connectorNotFound, isUuid } from '../connectors/connector-id.ts';

/** Throws NotFoundError `connector.not_found`, `task.not_found`. */
export async function getTask(
  ctx: Ctx,
  { connectorId, taskId }: { connectorId: string; taskId: string },
): Promise<ConnectorTask> {
  assertConnectorId(connectorId);
  if (!(await findConnector(ctx.database.db, ctx.tenantId, connectorId))) throw connectorNotFound();
  const asked = { tenantId: ctx.tenantId, connectorId, taskId };
  const task = isUuid(taskId) ? await findTask(ctx.database.db, asked) : null;
  if (task) return task;
  throw new NotFoundError(
    'task.not_found',
    'The connector has no task of this id; they are kept for 7 days.',
  );
}
