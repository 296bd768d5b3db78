import { z } from '@hono/zod-openapi';
import type { RunProgress } from '../../../domain/run-progress.ts';
import type { StatsByStream, TableStats } from '../../../domain/stats.ts';
import { Timestamp, timestamp } from '../../contract.ts';
import { StreamCounts } from './counts.ts';

const LoadedRows = z.object({ rows: z.int() });

export const Progress = z
  .object({
    phase: z.enum(['staging', 'loading']).openapi({
      description: '`staging`: rows come from the source; `loading`: they are read from staging.',
    }),
    current_stream: z.string().nullable().openapi({ description: 'The stream whose rows came last.' }),
    rows: z.int().openapi({ description: 'Rows of this phase so far.' }),
    bytes: z.int().nullable().openapi({ description: 'As the source wrote them; null while loading.' }),
    rows_per_s: z
      .int()
      .openapi({ description: 'Over the last seconds; once the phase is over its average.' }),
    bytes_per_s: z.int().nullable(),
    updated_at: Timestamp,
    streams: StreamCounts.openapi({ description: 'Staged so far, by stream.' }),
    tables: z.record(z.string(), LoadedRows).openapi({ description: 'Loaded so far, by namespace.table.' }),
  })
  .openapi('RunProgress');

interface Counted {
  progress: RunProgress | null;
  streamStats: StatsByStream;
  tableStats: readonly TableStats[];
}

/** null: nothing is known, as of a run that an external runner carries. */
export function progressOrNull({
  progress,
  streamStats,
  tableStats,
}: Counted): z.infer<typeof Progress> | null {
  if (progress === null) return null;
  return {
    phase: progress.phase,
    current_stream: progress.currentStream,
    rows: progress.rows,
    bytes: progress.bytes,
    rows_per_s: progress.rowsPerS,
    bytes_per_s: progress.bytesPerS,
    updated_at: timestamp(new Date(progress.updatedAt)),
    streams: streamStats,
    tables: loadedByTable(tableStats),
  };
}

function loadedByTable(tables: readonly TableStats[]): Record<string, { rows: number }> {
  const rows: Record<string, { rows: number }> = {};
  for (const { table, loaded } of tables) rows[table] = { rows: (rows[table]?.rows ?? 0) + loaded };
  return rows;
}
