import { z } from '@hono/zod-openapi';
import { reviewMessage } from '../../../domain/mapping.ts';
import type { ProposedAnswer } from '../../../services/mappings/job-answer.ts';
import { MappingEntry, mappingEntry } from './entry.ts';

/** The documented answer of map-fields. */
export const Mapped = z
  .object({
    mapped: z.int(),
    review_required: z.int(),
    message: z.string(),
    mappings: z.array(MappingEntry),
  })
  .openapi('Mapped');

const NOTHING_FITS = 'No field fits a column of the target.';

export function mapped(answer: ProposedAnswer): z.infer<typeof Mapped> {
  return {
    mapped: answer.mapped,
    review_required: answer.reviewRequired,
    message: answer.mapped === 0 ? NOTHING_FITS : reviewMessage(answer.reviewRequired),
    mappings: answer.mappings.map(mappingEntry),
  };
}
