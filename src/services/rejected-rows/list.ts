import type { Ctx } from '../../context.ts';
import { findConnector } from '../../db/queries/connectors.ts';
import { type RejectedRow, listRejectedRows as select } from '../../db/queries/rejected-rows.ts';
import { oneMore, type Page, pageOf } from '../../domain/page.ts';
import { assertConnectorId, connectorNotFound } from '../connectors/connector-id.ts';

export interface ListRejectedRowsInput {
  connectorId: string;
  runId?: string;
  stream?: string;
  limit: number;
  /** Only rows before the one with this id. */
  before: number | null;
}

/** Rows of a connector that are not in the lakehouse because a transform or a type refused them, latest first. Throws NotFoundError `connector.not_found`. */
export async function listRejectedRows(
  ctx: Ctx,
  { limit, ...asked }: ListRejectedRowsInput,
): Promise<Page<RejectedRow>> {
  assertConnectorId(asked.connectorId);
  const { db } = ctx.database;
  const { tenantId } = ctx;
  if (!(await findConnector(db, tenantId, asked.connectorId))) throw connectorNotFound();
  return pageOf(await select(db, { ...asked, tenantId, limit: oneMore(limit) }), limit);
}
