import { z } from '@hono/zod-openapi';
import { FOUNDRY_TARGETS } from '../../../domain/foundry/catalog.ts';

export const Target = z.enum(FOUNDRY_TARGETS);

/** Text of several lines that Postgres can keep and that says something. */
export function writtenText(max: number) {
  return z
    .string()
    .min(1)
    .max(max)
    .refine((text) => text.trim() !== '', 'is blank')
    .refine(
      (text) => !/(?![\n\r\t])\p{Cc}/u.test(text) && text.isWellFormed(),
      'holds a character that cannot be kept',
    );
}
