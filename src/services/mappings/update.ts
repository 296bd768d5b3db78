import type { Ctx } from '../../context.ts';
import type { DbOrTx } from '../../db/client.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { findConnector } from '../../db/queries/connectors.ts';
import {
  changeFieldMapping,
  type FieldMapping,
  findFieldMapping,
  findHolder,
  lockMappings,
  type MappingChange,
} from '../../db/queries/field-mappings.ts';
import { findLatestRequest } from '../../db/queries/mapping-jobs.ts';
import type { FieldProfiles, TargetSchema } from '../../domain/mapping.ts';
import { TARGET_SCHEMAS } from '../../domain/mapping.ts';
import { nearestNames } from '../../domain/nearest.ts';
import { AppError, ConflictError, InvalidError, messageOf, NotFoundError } from '../../errors.ts';
import { assertConnectorId, connectorNotFound, isUuid } from '../connectors/connector-id.ts';
import { assertRunnable } from './assert-runnable.ts';
import { recordMappingChanges } from './record-change.ts';
import { approvalOf, updateChanges } from './review-changes.ts';
import { targetColumns } from './target-columns.ts';

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

/**
 * Changes what the patch names and nothing else.
 * Throws NotFoundError `connector.not_found`, `mapping.not_found`; InvalidError `mapping.transform_refused`, `mapping.column_unknown`;
 * ConflictError `mapping.column_taken`.
 */
export async function updateMapping(
  ctx: Ctx,
  { connectorId, mappingId, patch }: UpdateInput,
): Promise<FieldMapping> {
  assertConnectorId(connectorId);
  if (!(await findConnector(ctx.database.db, ctx.tenantId, connectorId))) throw connectorNotFound();
  if (!isUuid(mappingId)) throw mappingNotFound();
  const transform =
    patch.transformFn === undefined ? {} : { transformFn: await checkedTransform(ctx, patch.transformFn) };
  return ctx.database.db.transaction(async (tx) => {
    await lockMappings(tx, connectorId);
    const mapping = await findFieldMapping(tx, { tenantId: ctx.tenantId, connectorId, id: mappingId });
    if (!mapping) throw mappingNotFound();
    const column =
      patch.targetColumn === undefined ? {} : await checkedColumn(tx, mapping, patch.targetColumn);
    const reviewed = patch.reviewed === undefined ? {} : { reviewed: patch.reviewed };
    const change: MappingChange = { ...reviewed, ...approvalOf(mapping, patch), ...column, ...transform };
    if (Object.keys(change).length === 0) return mapping;
    const changed = await changeFieldMapping(tx, mapping, change);
    if (!changed) throw mappingNotFound();
    await recordMappingChanges(tx, ctx, updateChanges(mapping, changed));
    await insertAuditEvent(tx, ctx, {
      action: 'mapping.update',
      subject: mappingId,
      detail: { connectorId, ...difference(mapping, change) },
    });
    return changed;
  });
}

async function checkedTransform(ctx: Ctx, expression: string | null): Promise<string | null> {
  const text = expression?.trim() ?? '';
  if (text === '') return null;
  try {
    await assertRunnable(ctx.expressions, text);
  } catch (error) {
    if (!(error instanceof AppError) || error.retry === 'transient') throw error;
    throw new InvalidError('mapping.transform_refused', `transform_fn is refused: ${messageOf(error)}`, {
      cause: error,
      errors: [{ field: 'transform_fn', message: messageOf(error) }],
    });
  }
  return text;
}

async function checkedColumn(tx: DbOrTx, mapping: FieldMapping, asked: string): Promise<MappingChange> {
  if (asked === mapping.targetColumn) return {};
  const known = await columnsOf(tx, mapping);
  const profile = known && Object.hasOwn(known, asked) ? known[asked] : undefined;
  if (known && !profile) throw columnUnknown(mapping, asked, Object.keys(known));
  const holder = await findHolder(tx, mapping, asked);
  if (holder) {
    throw new ConflictError(
      'mapping.column_taken',
      `Column "${asked}" already takes "${holder.sourceField}" of this stream. Map that field elsewhere first.`,
      { errors: [{ field: 'target_column', message: `is taken by "${holder.sourceField}"` }] },
    );
  }
  return {
    targetColumn: asked,
    ...(profile ? { targetType: profile.type ?? 'string', isKey: profile.isKey ?? false } : {}),
  };
}

/** The columns of the mapping's table; null when nothing that is left says them. */
async function columnsOf(tx: DbOrTx, mapping: FieldMapping): Promise<FieldProfiles | null> {
  const request = await findLatestRequest(tx, mapping);
  const targetSchema =
    TARGET_SCHEMAS.find((name): name is TargetSchema => name === mapping.targetSchema) ?? 'custom';
  try {
    return targetColumns({
      targetSchema,
      targetTable: mapping.targetTable,
      ...(request?.targetSchemaDef ? { targetSchemaDef: request.targetSchemaDef } : {}),
    });
  } catch (error) {
    if (error instanceof AppError && error.code === 'mapping.target_unknown') return null;
    throw error;
  }
}

function columnUnknown({ targetTable }: FieldMapping, asked: string, known: readonly string[]): InvalidError {
  const near = nearestNames(asked, known);
  const hint =
    near.length > 0 ? `Did you mean ${near.join(', ')}?` : `It has: ${known.slice(0, 20).join(', ')}.`;
  return new InvalidError(
    'mapping.column_unknown',
    `Table "${targetTable}" has no column "${asked}". ${hint}`,
    {
      errors: [{ field: 'target_column', message: hint }],
    },
  );
}

function difference(before: FieldMapping, change: MappingChange): Record<string, unknown> {
  const from = {
    reviewed: before.reviewed,
    targetColumn: before.targetColumn,
    transformFn: before.transformFn,
  };
  const { targetType: _type, isKey: _key, ...to } = change;
  return { from: Object.fromEntries(Object.entries(from).filter(([key]) => key in to)), to };
}

function mappingNotFound(): NotFoundError {
  return new NotFoundError('mapping.not_found', 'This connector has no mapping with this id.');
}
