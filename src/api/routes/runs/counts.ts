import { z } from '@hono/zod-openapi';
import type { TableStats } from '../../../domain/stats.ts';

/** Rows and bytes of each stream that are staged so far. */
export const StreamCounts = z.record(
  z.string(),
  z.object({
    rows: z.int(),
    bytes: z.int(),
    rejected: z
      .int()
      .optional()
      .openapi({ description: 'Read and refused before staging; not in `rows`. Absent: none.' }),
  }),
);

export const TableCounts = z
  .object({
    stream: z.string(),
    table: z.string(),
    read: z.int(),
    loaded: z.int(),
    rejected: z.int(),
    replayed: z.int().openapi({ description: 'Of the rejected: taken up again by a replay since.' }),
    skipped: z.int().openapi({ description: 'Deleted at the source and not found by key; not in `read`.' }),
    missing_fields: z.array(z.string()).openapi({ description: 'Mapped fields the source never delivered.' }),
  })
  .openapi('TableCounts');

export function tableCounts(tables: readonly TableStats[]): z.infer<typeof TableCounts>[] {
  return tables.map(({ stream, table, read, loaded, rejected, replayed, skipped, missingFields }) => ({
    stream,
    table,
    read,
    loaded,
    rejected,
    replayed: replayed ?? 0,
    skipped: skipped ?? 0,
    missing_fields: missingFields ?? [],
  }));
}
