import { createHash } from 'node:crypto';
import type { MappingRow } from '../../db/queries/load-mappings.ts';
import type { StagedTable } from '../../db/queries/staging.ts';
import { applies } from '../../domain/mapping.ts';
import { alternativeTableName, resolveStagingNames, stagingTableName } from '../../domain/staging-names.ts';

/** One stream to be loaded into one table. */
export interface StreamTarget {
  stream: string;
  table: StagedTable;
  targetTable: string;
  /** The mappings that make its columns; null: it passes through. */
  mappings: MappingRow[] | null;
}

export interface PlanInput {
  destinationTable: string;
  /** All of the connector's, oldest first: also those that do not apply decide which target is the first. */
  mappings: readonly MappingRow[];
  tables: readonly StagedTable[];
  /** Names the runner reported. */
  streams: readonly string[];
}

const MAX_BYTES = 63;

/**
 * Which staged stream goes into which lakehouse table (docs/adr/0003-target-table.md). Depends on what is registered and staged,
 * not on which streams have rows in this run, so that a stream's table does not change from run to run.
 */
export function planStreams(input: PlanInput): StreamTarget[] {
  const known = new Set([...input.streams, ...input.mappings.map(({ sourceStream }) => sourceStream)]);
  const staged = input.tables.map((table) => ({ table, stream: streamOf(table, known) }));
  const applied = Map.groupBy(input.mappings.filter(applies), ({ sourceStream }) => sourceStream);
  const passing = staged.map(({ stream }) => stream).filter((stream) => !applied.has(stream));
  const mappedTargets = staged.flatMap(({ table, stream }) =>
    mapped(input, table, stream, applied.get(stream) ?? []),
  );
  const held = mappedTargets.some(({ targetTable }) => targetTable === input.destinationTable);
  const nameOf = passThroughNames(input.destinationTable, passing, held);
  const passTargets = staged
    .filter(({ stream }) => !applied.has(stream))
    .map(({ table, stream }) => ({ stream, table, targetTable: nameOf(stream), mappings: null }));
  return [...mappedTargets, ...passTargets].sort(
    (a, b) => compare(a.stream, b.stream) || compare(a.targetTable, b.targetTable),
  );
}

/** The first target table the connector was ever mapped to is its destination table; the others keep their names. */
function mapped(
  input: PlanInput,
  table: StagedTable,
  stream: string,
  mappings: MappingRow[],
): StreamTarget[] {
  const first = input.mappings[0]?.targetTable;
  const byTarget = Map.groupBy(mappings, ({ targetTable }) =>
    targetTable === first ? input.destinationTable : targetTable,
  );
  return [...byTarget].map(([targetTable, own]) => ({ stream, table, targetTable, mappings: own }));
}

/** Ivory's loader writes the stream's name onto its table; for another loader's table it is the known stream of that table name. */
function streamOf(table: StagedTable, known: ReadonlySet<string>): string {
  if (table.stream !== null) return table.stream;
  const names = [...known].sort();
  const named = (same: (name: string) => boolean) =>
    names.find((stream) => same(stagingTableName(stream)) || same(alternativeTableName(stream)));
  const wanted = table.table.toLowerCase();
  return (
    named((name) => name === table.table) ?? named((name) => name.toLowerCase() === wanted) ?? table.table
  );
}

function passThroughNames(
  destination: string,
  streams: readonly string[],
  held: boolean,
): (stream: string) => string {
  if (!held && streams.length === 1) return () => destination;
  const names = resolveStagingNames(streams, (stream) => passThroughName(destination, stream));
  return (stream) => names.get(stream) ?? passThroughName(destination, stream);
}

/** `<destination>__<stream>` in lower-case letters, digits and "_"; beyond 63 bytes cut, with a hash. */
export function passThroughName(destination: string, stream: string): string {
  const name = `${destination}__${stream.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')}`;
  if (Buffer.byteLength(name) <= MAX_BYTES) return name;
  const hash = createHash('sha256').update(stream).digest('hex').slice(0, 8);
  return `${Buffer.from(name)
    .subarray(0, MAX_BYTES - 9)
    .toString('utf8')
    .replaceAll('\ufffd', '')}_${hash}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
