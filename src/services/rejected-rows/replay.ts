import { type Ctx, causeOf } from '../../context.ts';
import type { DbOrTx } from '../../db/client.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { addToOutbox } from '../../db/queries/outbox.ts';
import {
  choosesRefused,
  giveToReplay,
  insertReplayRun,
  saveReplaySize,
} from '../../db/queries/rejected-row-replays.ts';
import { findOwnRun } from '../../db/queries/run-cancel.ts';
import { lockConnector } from '../../db/queries/run-finish.ts';
import { ConflictError, InvalidError } from '../../errors.ts';
import { assertConnectorId, connectorNotFound } from '../connectors/connector-id.ts';
import { relaySoon } from '../outbox/relay.ts';
import { loadEntry } from '../runs/entries.ts';

export interface ReplayInput {
  connectorId: string;
  /** What to take up; everything on the list where nothing is said. */
  runId?: string;
  stream?: string;
  ids?: readonly number[];
}

export interface Replay {
  runId: string;
  /** Rows given to it. */
  rows: number;
}

/**
 * Loads rejected rows again, as a run without a tap: with the mappings as they are now, exactly once, and no other run beside it.
 * Errors: NotFoundError `connector.not_found`; InvalidError `replay.nothing`, `replay.never_staged`; ConflictError `connector.run_unfinished`.
 */
export async function replayRejectedRows(ctx: Ctx, input: ReplayInput): Promise<Replay> {
  assertConnectorId(input.connectorId);
  const run = { id: ctx.newId(), tenantId: ctx.tenantId, connectorId: input.connectorId };
  const replay = await ctx.database.db.transaction(async (tx) => {
    if (!(await lockConnector(tx, ctx.tenantId, input.connectorId))) throw connectorNotFound();
    if (!(await insertReplayRun(tx, { ...run, cause: causeOf(ctx) }))) return madeBefore(tx, run);
    const choice = { ...input, tenantId: ctx.tenantId };
    const rows = await giveToReplay(tx, choice, run.id);
    if (rows === 0) throw (await choosesRefused(tx, choice)) ? neverStaged() : nothing();
    await saveReplaySize(tx, ctx.tenantId, run.id, rows);
    await addToOutbox(tx, loadEntry(run.id, 0));
    const detail = { run: run.id, rows };
    await insertAuditEvent(tx, ctx, { action: 'rejected_rows.replay', subject: input.connectorId, detail });
    return { runId: run.id, rows };
  });
  await relaySoon(ctx);
  return replay;
}

/** This very request, cut off before its answer was kept, had made it; else another run is in the way. */
async function madeBefore(
  tx: DbOrTx,
  { id, tenantId, connectorId }: { id: string; tenantId: string; connectorId: string },
): Promise<Replay> {
  const own = await findOwnRun(tx, tenantId, connectorId, id);
  if (own) return { runId: own.id, rows: own.rowsWritten ?? 0 };
  const message = 'A run of the connector is unfinished; replay when it has ended.';
  throw new ConflictError('connector.run_unfinished', message);
}

function neverStaged(): InvalidError {
  const message =
    'These rows were refused before staging, so there is nothing to load them from: correct them at the source, or its schema, and let the source deliver them again.';
  return new InvalidError('replay.never_staged', message);
}

function nothing(): InvalidError {
  return new InvalidError('replay.nothing', 'There is no rejected row that this names.');
}
