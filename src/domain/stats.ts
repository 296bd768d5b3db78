/** Counts of one stream of a run, as shown while it runs and kept with it. */
export interface StreamStats {
  rows: number;
  bytes: number;
}
export type StatsByStream = Record<string, StreamStats>;

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
