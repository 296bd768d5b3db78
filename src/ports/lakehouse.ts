import type { LoadMode } from '../domain/connector-state.ts';
import type { LakeType, LakeValue } from '../domain/lake-type.ts';
import type { InsideWriter } from './lake-inside.ts';
import type { LakeReader } from './lake-reader.ts';
import type { CommitGuard } from './runner.ts';

export interface LakeColumn {
  name: string;
  type: LakeType;
}

export interface LakeTable {
  namespace: string;
  table: string;
  columns: LakeColumn[];
}

/** What one run wants to write to one table. `columns` fixes the order of the values of every row written. */
export interface BatchSpec {
  tenantId: string;
  /** uuidv5(run, table): the same run writing the same table again has the same id. */
  batchId: string;
  namespace: string;
  table: string;
  columns: LakeColumn[];
  /** Columns that identify a row. Empty: append. */
  keys: string[];
  mode: LoadMode;
  /** The writer promises to bring no key twice, be it to write or to remove it. */
  keysOnce?: boolean;
}

export interface CommittedBatch {
  rowsLoaded: number;
  committedAt: Date;
}

/** Rows as fields of Postgres' COPY text format (domain/copy-text.ts), otherwise as write and remove take them. */
export interface FieldWriter {
  write(rows: readonly (readonly string[])[]): Promise<void>;
  remove(keys: readonly (readonly string[])[]): Promise<void>;
}

/** One uncommitted write. Nothing is visible to a reader before commit resolves. */
export interface LakeBatch {
  /** Values in the order of the spec's columns; a later row with the same key wins. Bounded memory: resolves when taken. */
  write(rows: readonly (readonly LakeValue[])[]): Promise<void>;
  /** Keys of rows to delete (in the order of the spec's keys). */
  remove(keys: readonly (readonly LakeValue[])[]): Promise<void>;
  /** Where rows need not become values. Not to be mixed with write and remove. */
  readonly fields?: FieldWriter;
  /** Where staging is in the same database. Not to be mixed with any other way, but before one that took nothing. */
  readonly inside?: InsideWriter;
  /**
   * Publishes everything at once, with the batch id in the same commit. Doing it twice changes nothing. A lakehouse in the control
   * plane's own database asks the guard in that very transaction, as its last word; its error is passed on and nothing is published.
   */
  commit(guard?: CommitGuard): Promise<CommittedBatch>;
  /** Forgets everything written and releases the connection. Safe after commit. */
  abort(): Promise<void>;
}

export interface LakehouseCapabilities {
  dialect: 'postgres' | 'spark';
  merge: boolean;
  atomicPublish: boolean;
  bulkStaging: boolean;
  /** Whether ensureTable makes a column of one type another that holds all its values; absent: never. */
  widens?(existing: LakeType, wanted: LakeType): boolean;
  /** Names that give the same here are one column; absent: only equal names are. */
  columnKey?(name: string): string;
}

export interface QueryAnswer {
  columns: string[];
  /** At most maxRows. */
  rows: LakeValue[][];
  /** True: there were more. */
  truncated: boolean;
}

/**
 * Where transformed rows end up. Errors: UnavailableError (`lakehouse.unavailable`) when it cannot be reached or the outcome is unknown,
 * InvalidError (`lakehouse.*`) when it refuses.
 */
export interface Lakehouse {
  readonly capabilities: LakehouseCapabilities;
  /** Creates the namespace and what keeps the tenant's readers inside it. Idempotent. */
  provision(tenantId: string, namespace: string): Promise<void>;
  describeTable(namespace: string, table: string): Promise<LakeTable | null>;
  /**
   * Creates the table, or adds the columns it lacks; a column that exists holds the values of the wanted type or is widened
   * (`capabilities.widens`), else it is refused (`lakehouse.type_conflict`).
   */
  ensureTable(spec: BatchSpec): Promise<LakeTable>;
  openBatch(spec: BatchSpec): Promise<LakeBatch>;
  /** The commit of this batch, if it happened: asked before every retry. */
  findCommit(namespace: string, table: string, batchId: string): Promise<CommittedBatch | null>;
  /** Runs a read-only statement as the tenant's reader: sees this namespace only. */
  query(tenantId: string, namespace: string, statement: string, limits: QueryLimits): Promise<QueryAnswer>;
  /** How Foundry asks it. */
  readonly reader: LakeReader;
  /**
   * Keeps a table quick to read and its past short, beside loads and readers; absent: its tables need none. What it did, by name and
   * number; nothing was to do: nothing, or zeros. Null: there is no such table. When it fails, or its signal ends it, the table holds the
   * rows it held, and the next care begins anew.
   */
  care?(request: CareRequest): Promise<CareCounts | null>;
  ping(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Which commits findCommit must find later: both hold, and no adapter keeps fewer than its own retries need. */
export interface CareRequest {
  tenantId: string;
  namespace: string;
  table: string;
  /** Everything committed since. */
  keepAfter: Date;
  /** The last so many. */
  keepLast: number;
  signal: AbortSignal;
}

/** `{"small files compacted": 40, "snapshots expired": 12}` */
export type CareCounts = Readonly<Record<string, number>>;

export interface QueryLimits {
  maxRows: number;
  timeoutMs: number;
}
