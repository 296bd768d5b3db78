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

export function mapped(answer: ProposedAnswer): z.infer<typeof Mapped> {
  return {
    mapped: answer.mapped,
    review_required: answer.reviewRequired,
    message: reviewMessage(answer.reviewRequired),
    mappings: answer.mappings.map(mappingEntry),
  };
}
