import { z } from '@hono/zod-openapi';
import { InvalidError } from '../errors.ts';

export const IfMatchHeader = z.object({
  'if-match': z.string().optional().openapi({
    description: 'The ETag last read. When it no longer holds the answer is 412.',
    example: '"3"',
  }),
});

export function etagOf(version: number): string {
  return `"${version}"`;
}

/** The version a change insists on; null: any. Throws InvalidError `request.if_match_invalid`. */
export function versionOf(header: string | undefined): number | null {
  if (header === undefined || header.trim() === '*') return null;
  const version = /^\s*"(\d{1,9})"\s*$/.exec(header)?.[1];
  if (version !== undefined) return Number(version);
  throw new InvalidError('request.if_match_invalid', 'If-Match holds one ETag as it was read, such as "3".');
}
