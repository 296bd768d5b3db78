import type { Ctx } from '../../context.ts';
import type { DbOrTx } from '../../db/client.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { type Connector, findConnector } from '../../db/queries/connectors.ts';
import {
  changeFieldMapping,
  type FieldMapping,
  findFieldMapping,
  lockMappings,
  type MappingChange,
} from '../../db/queries/field-mappings.ts';
import { saveMappingTrial } from '../../db/queries/mapping-trials.ts';
import { type LakeType, parseLakeType } from '../../domain/lake-type.ts';
import { AppError } from '../../errors.ts';
import { assertConnectorId, connectorNotFound, isUuid } from '../connectors/connector-id.ts';
import { checkedColumn } from './check-column.ts';
import { checkTransform } from './check-transform.ts';
import { mappingNotFound } from './mapping-not-found.ts';
import { recordMappingChanges } from './record-change.ts';
import { approvalOf, reasonOf, updateChanges } from './review-changes.ts';
import { type MappingTrial, tryStoredMapping } from './try-stored-mapping.ts';

export interface MappingPatch {
  reviewed?: boolean;
  targetColumn?: string;
  /** null or "" takes the value as it is. */
  transformFn?: string | null;
}

export interface UpdateInput {
  connectorId: string;
  mappingId: string;
  patch: MappingPatch;
}

interface Update extends UpdateInput {
  connector: Connector;
}

/**
 * Changes what the patch names and nothing else, but for the examples and warnings: those are of the mapping as it then is, on the rows
 * staged last. Throws NotFoundError `connector.not_found`, `mapping.not_found`; InvalidError `mapping.transform_refused`,
 * `mapping.column_unknown`; ConflictError `mapping.column_taken`, `mapping.type_conflict`.
 */
export async function updateMapping(ctx: Ctx, input: UpdateInput): Promise<FieldMapping> {
  const { connectorId, mappingId } = input;
  assertConnectorId(connectorId);
  const connector = await findConnector(ctx.database.db, ctx.tenantId, connectorId);
  if (!connector) throw connectorNotFound();
  if (!isUuid(mappingId)) throw mappingNotFound();
  const update = { ...input, connector };
  const { mapping, change } = await planned(ctx, ctx.database.db, update);
  if (Object.keys(change).length === 0) return mapping;
  const wanted = { ...mapping, ...change };
  if (change.transformFn) await checkTransform(ctx, change.transformFn, typeOf(wanted));
  const trial = await tryStoredMapping(ctx, connector, wanted);
  return ctx.database.db.transaction(async (tx) => {
    await lockMappings(tx, connectorId);
    return write(ctx, tx, update, { wanted, trial });
  });
}

async function write(
  ctx: Ctx,
  tx: DbOrTx,
  update: Update,
  { wanted, trial }: { wanted: FieldMapping; trial: MappingTrial },
): Promise<FieldMapping> {
  const { mapping, change } = await planned(ctx, tx, update);
  const isAsTried = sameTransform({ ...mapping, ...change }, wanted);
  if (isAsTried) await saveMappingTrial(tx, mapping, trial);
  const changed = await changeFieldMapping(tx, mapping, change);
  if (!changed) throw mappingNotFound();
  await recordMappingChanges(tx, ctx, updateChanges(mapping, changed));
  await insertAuditEvent(tx, ctx, {
    action: 'mapping.update',
    subject: mapping.id,
    detail: { connectorId: mapping.connectorId, ...difference(mapping, change) },
  });
  return changed;
}

/** The mapping as it is, and what the patch changes of it. */
async function planned(
  ctx: Ctx,
  db: DbOrTx,
  { connector, mappingId, patch }: Update,
): Promise<{ mapping: FieldMapping; change: MappingChange }> {
  const { tenantId } = ctx;
  const mapping = await findFieldMapping(db, { tenantId, connectorId: connector.id, id: mappingId });
  if (!mapping) throw mappingNotFound();
  const { reviewed, targetColumn, transformFn } = patch;
  const column =
    targetColumn === undefined
      ? {}
      : await checkedColumn(db, { connector, schemas: ctx.canonicalSchemas }, mapping, targetColumn);
  const change = {
    ...(reviewed === undefined ? {} : { reviewed }),
    ...approvalOf(mapping, patch),
    ...column,
    ...(transformFn === undefined ? {} : { transformFn: transformFn?.trim() || null }),
  };
  return { mapping, change: { ...change, ...reasonOf(mapping, change) } };
}

/** Another request may have changed the mapping while this one tried it. */
function sameTransform(a: FieldMapping, b: FieldMapping): boolean {
  return (
    a.transformFn === b.transformFn && a.targetColumn === b.targetColumn && a.targetType === b.targetType
  );
}

function typeOf({ targetType }: FieldMapping): LakeType | null {
  try {
    return parseLakeType(targetType);
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

function difference(before: FieldMapping, change: MappingChange): Record<string, unknown> {
  const from = {
    reviewed: before.reviewed,
    targetColumn: before.targetColumn,
    transformFn: before.transformFn,
  };
  const { targetType: _type, isKey: _key, reason: _reason, ...to } = change;
  return { from: Object.fromEntries(Object.entries(from).filter(([key]) => key in to)), to };
}
