/** Counts of one stream of a run, as shown while it runs and kept with it. */
export interface StreamStats {
  /** Staged. */
  rows: number;
  bytes: number;
  /** Read and refused before staging; not in `rows`. */
  rejected?: number;
}
export type StatsByStream = Record<string, StreamStats>;

export function sumOf(before: StreamStats | undefined, added: StreamStats): StreamStats {
  const rejected = (before?.rejected ?? 0) + (added.rejected ?? 0);
  const sum = { rows: (before?.rows ?? 0) + added.rows, bytes: (before?.bytes ?? 0) + added.bytes };
  return rejected === 0 ? sum : { ...sum, rejected };
}

/** Rows of all streams that were refused before staging. */
export function refusedIn(streams: StatsByStream): number {
  return Object.values(streams).reduce((sum, { rejected = 0 }) => sum + rejected, 0);
}

/** Counts of one lakehouse table a run wrote. read = loaded + rejected, or the run is not a success. */
export interface TableStats {
  stream: string;
  /** namespace.table */
  table: string;
  read: number;
  loaded: number;
  rejected: number;
  /** Of `rejected`: rows that a replay has taken up since; what of them failed again is counted there. */
  replayed?: number;
  /** Rows the source deleted that no key can find; not in `read`. */
  skipped?: number;
  /** Mapped fields the source never delivered. */
  missingFields?: string[];
}
