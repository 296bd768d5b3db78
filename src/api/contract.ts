import { z } from '@hono/zod-openapi';
import { type ProblemStatus, TITLES } from './problem.ts';

/** Every route behind the token says so. */
export const SECURITY = [{ bearer: [] }];

export const ProblemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().openapi({ example: 'connector.not_found' }),
    request_id: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem');

export const ConnectorParams = z.object({
  id: z
    .string()
    .openapi({ param: { name: 'id', in: 'path' }, example: 'a1b2c3d4-0000-4000-8000-000000000000' }),
});

export const IdempotencyHeader = z.object({
  'idempotency-key': z
    .string()
    .optional()
    .openapi({ description: 'The same key with the same body is answered once.' }),
});

/** A body of a request or an answer. */
export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

export function body<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } };
}

/** The problems a route answers besides those every route has. */
export function problems(...statuses: ProblemStatus[]) {
  const all = [...new Set<ProblemStatus>([401, 403, ...statuses, 429, 500, 503])].sort();
  return Object.fromEntries(all.map((status) => [status, problem(status)]));
}

export function problem(status: ProblemStatus) {
  return { description: TITLES[status], content: { 'application/problem+json': { schema: ProblemSchema } } };
}

/** Text that Postgres can keep and a log can show. A refinement, because the document's patterns know no Unicode classes. */
export function printable(max: number) {
  return z
    .string()
    .min(1)
    .max(max)
    .refine((text) => !/\p{Cc}/u.test(text) && text.isWellFormed(), 'holds a character that cannot be kept');
}

export const Timestamp = z.string().openapi({ format: 'date-time', example: '2026-03-28T12:00:00Z' });

/** ISO 8601 in UTC, to the second. */
export function timestamp(instant: Date): string {
  return `${instant.toISOString().slice(0, 19)}Z`;
}

export function timestampOrNull(instant: Date | null): string | null {
  return instant === null ? null : timestamp(instant);
}
