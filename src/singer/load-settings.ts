export type LoadMethod = 'append-only' | 'upsert' | 'overwrite';

/** How a load behaves. Names and defaults follow target-postgres where it has them. */
export interface LoadSettings {
  /** Schema of every table; null: the "<schema>-" part of the stream's name, else "public". */
  targetSchema: string | null;
  /** Adds the seven `_sdc_*` columns. */
  addRecordMetadata: boolean;
  /** ACTIVATE_VERSION deletes older rows instead of setting `_sdc_deleted_at`. */
  hardDelete: boolean;
  activateVersion: boolean;
  loadMethod: LoadMethod;
  validateRecords: boolean;
  /** A transaction begins at this many rows of one stream, or at batchSizeBytes of encoded rows, whichever comes first. */
  batchSizeRows: number;
  batchSizeBytes: number;
  /** Rows never wait longer than this for their transaction. */
  flushIntervalMs: number;
  maxLineBytes: number;
  /** Where files of BATCH messages may lie; null: such messages are refused. */
  batchFolder: string | null;
  /** Written to `_ivory_load_id` of every row touched; digits. null: no such column. */
  loadId: string | null;
}

export const DEFAULT_LOAD_SETTINGS: LoadSettings = {
  targetSchema: 'melty',
  addRecordMetadata: true,
  hardDelete: false,
  activateVersion: true,
  loadMethod: 'upsert',
  validateRecords: true,
  batchSizeRows: 50_000,
  batchSizeBytes: 8 * 1024 * 1024,
  flushIntervalMs: 10_000,
  maxLineBytes: 100 * 1024 * 1024,
  batchFolder: null,
  loadId: null,
};

/** The schema of a stream's table, by target-postgres' rule. */
export function schemaOfStream(stream: string, { targetSchema }: LoadSettings): string {
  if (targetSchema) return targetSchema;
  const parts = stream.split('-');
  const named = parts.length === 2 || parts.length === 3 ? parts.at(-2) : undefined;
  return named || 'public';
}
