/** A target schema as its file describes it. */
export interface CanonicalSchema {
  schema: string;
  description: string;
  /** By table name. */
  tables: Record<string, CanonicalTable>;
}

export interface CanonicalTable {
  description: string;
  columns: CanonicalColumn[];
}

export interface CanonicalColumn {
  name: string;
  /** A type as src/domain/lake-type.ts names it. */
  type: string;
  description: string;
  /** Whether it tells rows apart, with the other keys of its table. */
  key?: boolean | undefined;
  /** Other names the column is known by. */
  aliases?: string[] | undefined;
  samples?: unknown[] | undefined;
}

/** By schema name: those that come along, then those an operator has added. */
export type CanonicalSchemas = ReadonlyMap<string, CanonicalSchema>;
