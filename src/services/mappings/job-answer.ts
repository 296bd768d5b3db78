import type { Ctx } from '../../context.ts';
import { type FieldMapping, listFieldMappings } from '../../db/queries/field-mappings.ts';
import type { MappingJob } from '../../db/queries/mapping-jobs.ts';
import { type AppError, errorOfKind } from '../../errors.ts';

export interface ProposedAnswer {
  status: 'done';
  mapped: number;
  reviewRequired: number;
  mappings: FieldMapping[];
}

/**
 * What an ended job has to say, its mappings as they are now, in the order of these fields: jsonb has not kept that of the request.
 * Throws what a failed one failed with.
 */
export async function doneAnswer(
  ctx: Ctx,
  job: MappingJob,
  fields = Object.keys(job.request.sourceSchema),
): Promise<ProposedAnswer> {
  if (job.status === 'failed' || !job.result) throw failureOf(job);
  const ids = new Set(job.result.mappingIds);
  const place = new Map(fields.map((field, at) => [field, at]));
  const all = await listFieldMappings(ctx.database.db, ctx.tenantId, job.connectorId);
  const mappings = all
    .filter(({ id }) => ids.has(id))
    .sort((a, b) => (place.get(a.sourceField) ?? 0) - (place.get(b.sourceField) ?? 0));
  return { status: 'done', mapped: mappings.length, reviewRequired: job.result.reviewRequired, mappings };
}

/** The error again, of the class it had. */
export function failureOf({ errorKind, errorCode, errorMsg }: MappingJob): AppError {
  return errorOfKind(
    errorKind ?? 'invalid',
    errorCode ?? 'mapping.failed',
    errorMsg ?? 'The proposal failed.',
  );
}
