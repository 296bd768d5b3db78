import type { Ctx } from '../../context.ts';
import type { DbOrTx } from '../../db/client.ts';
import type { MappingJob } from '../../db/queries/mapping-jobs.ts';
import type { MappingResult } from '../../domain/mapping.ts';
import { notify } from './notify.ts';

/** Tells that proposals wait for a person; nothing when none does. */
export async function notifyReview(
  ctx: Ctx,
  tx: DbOrTx,
  { id, connectorId, request }: MappingJob,
  { mappingIds, reviewRequired }: MappingResult,
): Promise<void> {
  if (reviewRequired === 0) return;
  await notify(ctx, tx, {
    type: 'mapping.review_needed',
    connectorId,
    data: {
      connector_id: connectorId,
      mapping_job_id: id,
      source_stream: request.sourceStream,
      target_schema: request.targetSchema,
      target_table: request.targetTable,
      mapped: mappingIds.length,
      review_required: reviewRequired,
    },
  });
}
