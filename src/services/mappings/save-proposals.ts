import type { Ctx } from '../../context.ts';
import type { Connector } from '../../db/queries/connectors.ts';
import {
  deleteProposals,
  type FieldMapping,
  listFieldMappings,
  lockMappings,
  upsertProposals,
} from '../../db/queries/field-mappings.ts';
import { claimMappingJob, endMappingJob, type MappingJob } from '../../db/queries/mapping-jobs.ts';
import { type MappingResult, needsReview, type ProposedMapping } from '../../domain/mapping.ts';
import { notifyReview } from '../notifications/notify-review.ts';
import { proposalChanges } from './proposal-changes.ts';
import { recordMappingChanges } from './record-change.ts';
import { assertTypesAgree, mappingsBeside } from './shared-table.ts';

/**
 * Writes the proposals over earlier ones and ends the job, in one transaction. What a person reviewed stays as it is and is part of the
 * result. Null: the job had ended before; nothing is written then. Throws ConflictError `mapping.type_conflict` when another stream was
 * mapped to the table meanwhile, otherwise.
 */
export async function saveProposals(
  ctx: Ctx,
  job: MappingJob,
  connector: Connector,
  proposals: readonly ProposedMapping[],
): Promise<MappingResult | null> {
  const { id, tenantId, connectorId, request, actor } = job;
  return ctx.database.db.transaction(async (tx) => {
    await lockMappings(tx, connectorId);
    if (!(await claimMappingJob(tx, tenantId, id))) return null;
    const all = await listFieldMappings(tx, tenantId, connectorId);
    const existing = all.filter(({ sourceStream }) => sourceStream === request.sourceStream);
    const kept = existing.filter((row) => row.reviewed);
    const free = withoutReviewed(proposals, kept, request.targetTable);
    assertTypesAgree(
      free.map(({ targetColumn, targetType }) => ({ name: targetColumn, type: targetType })),
      mappingsBeside(all, request, connector),
      (column) => `target_schema_def.${column}`,
    );
    const gone = superseded(existing, free, request);
    await deleteProposals(tx, tenantId, gone);
    const { sourceStream, targetSchema, targetTable } = request;
    const rows = free.map((proposal) => ({
      ...proposal,
      id: ctx.newId(),
      tenantId,
      connectorId,
      sourceStream,
      targetSchema,
      targetTable,
    }));
    const written = await upsertProposals(tx, rows);
    const changes = proposalChanges({ existing, gone, rows, written });
    await recordMappingChanges(tx, { tenantId, actor }, changes);
    const asked = kept.filter((row) => Object.hasOwn(request.sourceSchema, row.sourceField));
    const result = {
      mappingIds: [...asked.map((row) => row.id), ...written.map((row) => row.id)],
      reviewRequired: free.filter((p) => needsReview({ ...p, reviewed: false })).length,
    };
    await endMappingJob(tx, tenantId, id, { status: 'done', result });
    await notifyReview(ctx, tx, job, result);
    return result;
  });
}

/** A reviewed field keeps its row and its column. */
function withoutReviewed(
  proposals: readonly ProposedMapping[],
  kept: readonly FieldMapping[],
  targetTable: string,
): ProposedMapping[] {
  const fields = new Set(kept.map((row) => row.sourceField));
  const columns = new Set(
    kept.filter((row) => row.targetTable === targetTable).map((row) => row.targetColumn.toLowerCase()),
  );
  return proposals.filter((p) => !fields.has(p.sourceField) && !columns.has(p.targetColumn.toLowerCase()));
}

/** Earlier proposals that no longer hold: of fields now without one, or for a column another field gets. */
function superseded(
  existing: readonly FieldMapping[],
  proposals: readonly ProposedMapping[],
  { sourceSchema, targetTable }: MappingJob['request'],
): string[] {
  const fields = new Set(proposals.map((p) => p.sourceField));
  const columns = new Set(proposals.map((p) => p.targetColumn.toLowerCase()));
  const gone = existing.filter((row) => {
    if (row.reviewed || fields.has(row.sourceField)) return false;
    const isAsked = Object.hasOwn(sourceSchema, row.sourceField);
    return isAsked || (row.targetTable === targetTable && columns.has(row.targetColumn.toLowerCase()));
  });
  return gone.map((row) => row.id);
}
