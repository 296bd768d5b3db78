import type { Ctx } from '../../context.ts';
import { findConnector } from '../../db/queries/connectors.ts';
import { findRunLog, type RunLog } from '../../db/queries/run-log.ts';
import { assertConnectorId, connectorNotFound } from '../connectors/connector-id.ts';
import { assertRunId, runNotFound } from './run-id.ts';

export interface LogLine {
  /** Counted from 1 over the whole run. */
  number: number;
  text: string;
}

export interface RunLogPart extends Omit<RunLog, 'logTail'> {
  /** Those after the lines seen that are still kept. */
  lines: LogLine[];
  /** Lines between the seen and the kept ones that are gone. */
  missed: number;
}

/**
 * What a run has logged after its first `seenLines` lines, and its counts so far.
 * Throws NotFoundError `connector.not_found`, `run.not_found`.
 */
export async function readRunLog(
  ctx: Ctx,
  { connectorId, runId, seenLines }: { connectorId: string; runId: string; seenLines: number },
): Promise<RunLogPart> {
  assertConnectorId(connectorId);
  assertRunId(runId);
  const { tenantId } = ctx;
  const log = await findRunLog(ctx.database.db, { tenantId, connectorId, runId, seenLines });
  if (log) return partOf(log, seenLines);
  throw (await findConnector(ctx.database.db, tenantId, connectorId)) ? runNotFound() : connectorNotFound();
}

function partOf({ logTail, ...log }: RunLog, seenLines: number): RunLogPart {
  const kept = logTail ? logTail.split('\n') : [];
  const before = log.logLines - kept.length;
  const lines = kept
    .map((text, at) => ({ number: before + at + 1, text }))
    .filter(({ number }) => number > seenLines);
  const missed = kept.length === 0 ? 0 : Math.max(0, before - seenLines);
  return { ...log, lines, missed };
}
