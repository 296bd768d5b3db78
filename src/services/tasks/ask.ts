import { type Ctx, causeOf } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import {
  type ConnectorTask,
  countUnfinishedTasks,
  findTask,
  findUnfinishedTask,
  insertTask,
} from '../../db/queries/connector-tasks.ts';
import { findConnector } from '../../db/queries/connectors.ts';
import { addToOutbox } from '../../db/queries/outbox.ts';
import type { TaskKind } from '../../domain/connector-task.ts';
import { ConflictError } from '../../errors.ts';
import { assertConnectorId, connectorNotFound } from '../connectors/connector-id.ts';
import { relaySoon } from '../outbox/relay.ts';
import { pollRow } from '../poll-row.ts';
import { taskEntry } from './task-entry.ts';

export interface AskInput {
  connectorId: string;
  kind: TaskKind;
  /** How long to wait for the runner pool; 0 answers at once. */
  waitMs: number;
  signal?: AbortSignal;
}

/** Tasks share the runner pool with everybody's runs. */
const MAX_UNFINISHED = 5;

/**
 * Has the runner pool ask the connector's source, and waits for it; an unfinished task of the same kind is joined. Answers the task,
 * ended or not. Nothing of the connector changes. Throws NotFoundError `connector.not_found`, ConflictError `task.too_many`.
 */
export async function askSource(ctx: Ctx, input: AskInput): Promise<ConnectorTask> {
  assertConnectorId(input.connectorId);
  const task = await insertOrJoin(ctx, input);
  await relaySoon(ctx);
  return awaitEnd(ctx, task, input);
}

function insertOrJoin(ctx: Ctx, { connectorId, kind }: AskInput): Promise<ConnectorTask> {
  const task = { id: ctx.newId(), tenantId: ctx.tenantId, connectorId, kind };
  return ctx.database.db.transaction(async (tx) => {
    if (!(await findConnector(tx, ctx.tenantId, connectorId))) throw connectorNotFound();
    const made = await insertTask(tx, { ...task, cause: causeOf(ctx) });
    // Under an Idempotency-Key the id comes again: then it is this request's own task, ended or not.
    if (!made) {
      const own = await findTask(tx, { tenantId: ctx.tenantId, connectorId, taskId: task.id });
      return own ?? join(ctx, await findUnfinishedTask(tx, task));
    }
    if ((await countUnfinishedTasks(tx, ctx.tenantId)) > MAX_UNFINISHED) throw tooMany();
    await addToOutbox(tx, taskEntry(made.id, made.attempt));
    await insertAuditEvent(tx, ctx, {
      action: `connector.${kind}`,
      subject: connectorId,
      detail: { task: made.id },
    });
    return made;
  });
}

function join(ctx: Ctx, unfinished: ConnectorTask | null): ConnectorTask {
  if (unfinished) return unfinished;
  ctx.log.debug({ event: 'task.gone' }, 'a task ended while it was being joined');
  throw new ConflictError('connector.busy', 'The connector is changing; try again.', { retryAfterS: 1 });
}

function tooMany(): ConflictError {
  return new ConflictError(
    'task.too_many',
    `You have ${MAX_UNFINISHED} checks and discoveries under way; ask again when one has ended.`,
    { retryAfterS: 5 },
  );
}

/** The task when it has ended, or as it stands when the time is up. */
async function awaitEnd(ctx: Ctx, task: ConnectorTask, { waitMs, signal }: AskInput): Promise<ConnectorTask> {
  let latest = task;
  const ended = await pollRow(
    async () => {
      latest = await getTask(ctx, task);
      return latest.status === 'done' || latest.status === 'failed' ? latest : null;
    },
    { timeoutMs: waitMs, signal },
  );
  return ended ?? latest;
}

async function getTask(ctx: Ctx, { id, connectorId }: ConnectorTask): Promise<ConnectorTask> {
  const task = await findTask(ctx.database.db, { tenantId: ctx.tenantId, connectorId, taskId: id });
  if (!task) throw connectorNotFound();
  return task;
}
