import { z } from '@hono/zod-openapi';
import { InvalidError } from '../errors.ts';

export const MAX_LIMIT = 200;

const wholeLimit = z
  .string()
  .regex(/^\d{1,4}$/, `must be a whole number from 1 to ${MAX_LIMIT}`)
  .transform(Number)
  .pipe(z.int().min(1).max(MAX_LIMIT));

/** ?limit of a list that has a page size of its own. */
export function limitParam(standard: number) {
  return z
    .string()
    .default(String(standard))
    .pipe(wholeLimit)
    .openapi({ type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: standard });
}

/** ?limit of a list that is whole without it. */
export const optionalLimit = wholeLimit
  .optional()
  .openapi({ type: 'integer', minimum: 1, maximum: MAX_LIMIT, description: 'Absent: everything.' });

export const cursorParam = z
  .string()
  .max(2_048)
  .optional()
  .openapi({ description: 'The next_cursor of the page before. Opaque.' });

export const NextCursor = z.string().optional().openapi({ description: 'Only when there is more.' });

export interface Cursor<Position> {
  write(position: Position): string;
  /** Throws InvalidError `request.cursor_invalid` unless it was written for this list. */
  read(cursor: string | undefined): Position | null;
}

/** A list's cursor: where its last page ended. It decides only a position, so it is checked for its shape and not signed. */
export function createCursor<Position>(list: string, position: z.ZodType<Position>): Cursor<Position> {
  const written = z.tuple([z.literal(list), position]);
  return {
    write: (at) => Buffer.from(JSON.stringify([list, at])).toString('base64url'),
    read(cursor) {
      if (cursor === undefined) return null;
      const parsed = written.safeParse(jsonOf(cursor));
      if (parsed.success) return parsed.data[1];
      throw new InvalidError('request.cursor_invalid', 'The cursor is not one this list gave out.', {
        errors: [{ field: 'cursor', message: 'must be the next_cursor of the page before' }],
      });
    },
  };
}

function jsonOf(cursor: string): unknown {
  if (!/^[\w-]+$/.test(cursor)) return null;
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}

/** The next_cursor field of a page: none when the list ends with it. */
export function nextCursor<Item, Position>(
  { items, more }: { items: readonly Item[]; more: boolean },
  cursor: Cursor<Position>,
  positionOf: (last: Item) => Position,
): { next_cursor?: string } {
  const last = items.at(-1);
  return more && last !== undefined ? { next_cursor: cursor.write(positionOf(last)) } : {};
}
