import type { SparkStatements, StatementOptions } from '../client/session.ts';

/** What a table's own metadata says of its files and its past. */
export interface TableHealth {
  dataFiles: number;
  /** Well below the size Iceberg writes. */
  smallFiles: number;
  dataRows: number;
  deleteFiles: number;
  deletedRows: number;
  manifests: number;
  manifestBytes: number;
  /** Of the table's own line: what readers see, and what led to it. */
  snapshots: number;
  oldSnapshots: number;
  /** Staged once, never published, and old. */
  oldStranded: number;
}

export interface HealthQuestion {
  /** Quoted. */
  table: string;
  /** A data file below it is small. */
  smallBytes: number;
  /** Snapshots from before are old. */
  before: Date;
}

/** Reads no data file. */
export async function readTableHealth(
  spark: SparkStatements,
  { table, smallBytes, before }: HealthQuestion,
  options: StatementOptions,
): Promise<TableHealth> {
  const [files, manifests, snapshots] = [
    await numbersOf(
      spark,
      `SELECT COUNT_IF(content = 0), COUNT_IF(content = 0 AND file_size_in_bytes < ${smallBytes}),
         SUM(IF(content = 0, record_count, 0)), COUNT_IF(content = 1), SUM(IF(content = 1, record_count, 0)) FROM ${table}.files`,
      options,
    ),
    await numbersOf(spark, `SELECT COUNT(*), SUM(length) FROM ${table}.manifests`, options),
    await numbersOf(spark, snapshotCounts(table, before), options),
  ];
  const [dataFiles = 0, smallFiles = 0, dataRows = 0, deleteFiles = 0, deletedRows = 0] = files;
  const [manifestCount = 0, manifestBytes = 0] = manifests;
  const [ancestors = 0, oldSnapshots = 0, oldStranded = 0] = snapshots;
  return {
    ...{ dataFiles, smallFiles, dataRows, deleteFiles, deletedRows },
    ...{ manifests: manifestCount, manifestBytes, snapshots: ancestors, oldSnapshots, oldStranded },
  };
}

/** A moment as a statement says it, to the microsecond, in a session whose time zone is UTC. */
export function timestampLiteral(moment: Date): string {
  return `TIMESTAMP '${moment.toISOString().replace('T', ' ').replace('Z', '')}'`;
}

function snapshotCounts(table: string, before: Date): string {
  const isOld = `committed_at < ${timestampLiteral(before)}`;
  return `SELECT COUNT_IF(seen), COUNT_IF(seen AND ${isOld}), COUNT_IF(NOT seen AND ${isOld}) FROM (
    SELECT s.committed_at, h.snapshot_id IS NOT NULL AS seen FROM ${table}.snapshots s
    LEFT JOIN (SELECT DISTINCT snapshot_id FROM ${table}.history WHERE is_current_ancestor) h ON s.snapshot_id = h.snapshot_id)`;
}

async function numbersOf(
  spark: SparkStatements,
  statement: string,
  options: StatementOptions,
): Promise<number[]> {
  const { rows } = await spark.query(statement, options);
  return (rows[0] ?? []).map((value) => Number(value ?? 0));
}
