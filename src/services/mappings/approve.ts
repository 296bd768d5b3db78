import type { Ctx } from '../../context.ts';
import type { DbOrTx } from '../../db/client.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { findConnector } from '../../db/queries/connectors.ts';
import {
  approveMappings,
  type FieldMapping,
  findMappingsByIds,
  listFieldMappings,
  lockMappings,
} from '../../db/queries/field-mappings.ts';
import { InvalidError } from '../../errors.ts';
import { assertConnectorId, connectorNotFound, isUuid } from '../connectors/connector-id.ts';
import { recordMappingChanges } from './record-change.ts';

/** Which mappings: these, or all that the filter takes. */
export type ApprovalChoice =
  | { ids: readonly string[] }
  | { sourceStream?: string | undefined; minConfidence?: number | undefined };

export interface Approval {
  /** ids, in the order of the list of mappings */
  approved: string[];
  /** Nothing was to be done for these. */
  alreadyApproved: string[];
}

/**
 * Approves many mappings at once or none. One whose source has changed under it is approved again.
 * Throws NotFoundError `connector.not_found`, InvalidError `mapping.ids_unknown` naming the ids that are no mapping of the connector.
 */
export async function approveAll(
  ctx: Ctx,
  { connectorId, choice }: { connectorId: string; choice: ApprovalChoice },
): Promise<Approval> {
  assertConnectorId(connectorId);
  if (!(await findConnector(ctx.database.db, ctx.tenantId, connectorId))) throw connectorNotFound();
  return ctx.database.db.transaction(async (tx) => {
    await lockMappings(tx, connectorId);
    const chosen = await choose(tx, ctx.tenantId, connectorId, choice);
    const open = chosen.filter(({ reviewed, drift }) => !reviewed || drift !== null);
    const ids = open.map(({ id }) => id);
    await approveMappings(tx, ctx.tenantId, ids);
    const to = { reviewed: true, drift: null };
    await recordMappingChanges(
      tx,
      ctx,
      open.map((mapping) => ({ mapping, action: 'approved', from: mapping, to })),
    );
    if (ids.length > 0) {
      const detail = { count: ids.length, ...('ids' in choice ? {} : choice) };
      await insertAuditEvent(tx, ctx, { action: 'mapping.approve', subject: connectorId, detail });
    }
    const settled = chosen.filter(({ reviewed, drift }) => reviewed && drift === null);
    return { approved: ids, alreadyApproved: settled.map(({ id }) => id) };
  });
}

async function choose(
  tx: DbOrTx,
  tenantId: string,
  connectorId: string,
  choice: ApprovalChoice,
): Promise<FieldMapping[]> {
  if (!('ids' in choice))
    return listFieldMappings(tx, tenantId, connectorId, { ...choice, limit: null, after: null });
  const asked = [...new Set(choice.ids.map((id) => id.toLowerCase()))];
  const found = await findMappingsByIds(tx, tenantId, connectorId, asked.filter(isUuid));
  const known = new Set(found.map(({ id }) => id));
  const unknown = choice.ids.filter((id) => !known.has(id.toLowerCase()));
  if (unknown.length > 0) throw idsUnknown(unknown);
  return found;
}

const MOST_NAMED = 100;

function idsUnknown(ids: readonly string[]): InvalidError {
  const named = ids.slice(0, MOST_NAMED);
  const rest = ids.length > named.length ? ` (${ids.length} in all, the first ${MOST_NAMED} are named)` : '';
  return new InvalidError(
    'mapping.ids_unknown',
    `Nothing was approved: ${ids.length === 1 ? 'an id is' : 'some ids are'} no mapping of this connector${rest}.`,
    { errors: named.map((id) => ({ field: 'ids', message: `"${id}" is no mapping of this connector` })) },
  );
}
