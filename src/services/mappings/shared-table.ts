import type { Connector } from '../../db/queries/connectors.ts';
import type { FieldMapping } from '../../db/queries/field-mappings.ts';
import { formatLakeType, parseLakeType } from '../../domain/lake-type.ts';
import { AppError, ConflictError } from '../../errors.ts';

interface Place {
  sourceStream: string;
  targetTable: string;
}

interface TypedColumn {
  name: string;
  type: string;
}

/** The mappings of the connector's other streams that are loaded into the same table (docs/adr/0003-target-table.md). */
export function mappingsBeside(
  all: readonly FieldMapping[],
  place: Place,
  connector: Pick<Connector, 'destinationTable'>,
): FieldMapping[] {
  const table = tableOf(all, place.targetTable, connector);
  return all.filter(
    ({ sourceStream, targetTable }) =>
      sourceStream !== place.sourceStream && tableOf(all, targetTable, connector) === table,
  );
}

/** The lakehouse table a target table is: the first one the connector was mapped to is its destination table. */
export function tableOf(
  all: readonly FieldMapping[],
  targetTable: string,
  { destinationTable }: Pick<Connector, 'destinationTable'>,
): string {
  return targetTable === (oldest(all)?.targetTable ?? targetTable) ? destinationTable : targetTable;
}

/**
 * Streams may share a table whose columns mean the same to all of them.
 * Throws ConflictError `mapping.type_conflict` naming column, types and the other stream.
 */
export function assertTypesAgree(
  columns: readonly TypedColumn[],
  beside: readonly FieldMapping[],
  fieldOf: (column: string) => string,
): void {
  const wanted = new Map(columns.map(({ name, type }) => [name.toLowerCase(), type]));
  const errors = beside.flatMap(({ targetColumn, targetType, sourceStream }) => {
    const type = wanted.get(targetColumn.toLowerCase());
    if (type === undefined || typeName(type) === typeName(targetType)) return [];
    const message = `"${targetColumn}" is ${typeName(type)} here and ${typeName(targetType)} for stream "${sourceStream}"`;
    return [{ field: fieldOf(targetColumn), message }];
  });
  const [first] = errors;
  if (!first) return;
  throw new ConflictError(
    'mapping.type_conflict',
    `Two streams of one table must agree on its columns: ${first.message}. Use the same type, or another target_table.`,
    { errors },
  );
}

export interface Neighbour {
  /** 'Stream "x"'. */
  name: string;
  column: string;
}

const MOST_NAMED = 3;

/** What sharing the table means for this stream's rows; one sentence a stream, for the first three. */
export function sharingWarnings(
  neighbours: readonly Neighbour[],
  keys: readonly string[],
  { loadMode }: Pick<Connector, 'loadMode'>,
): string[] {
  const streams = [...Map.groupBy(neighbours, ({ name }) => name)];
  const named = streams.slice(0, MOST_NAMED).map(([name, mappings]) => {
    const shared = `${name} is loaded into this table too`;
    if (keys.length === 0 || loadMode === 'append') return `${shared}: the rows of both are appended.`;
    const columns = new Set(mappings.map(({ column }) => column.toLowerCase()));
    const lacking = keys.filter((key) => !columns.has(key.toLowerCase()));
    if (lacking.length > 0) return `${shared}, without a value for the key ${lacking.join(', ')}.`;
    return `${shared}: of rows with the same ${keys.join(', ')} the one loaded last overwrites the other.`;
  });
  const more = streams.length - named.length;
  if (more <= 0) return named;
  return [...named, `${more} more ${more === 1 ? 'stream is' : 'streams are'} loaded into this table too.`];
}

function oldest(all: readonly FieldMapping[]): FieldMapping | undefined {
  const [first] = all.toSorted(
    (a, b) => a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1),
  );
  return first;
}

/** A type in one spelling. */
export function typeName(type: string): string {
  try {
    return formatLakeType(parseLakeType(type));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return type;
  }
}
