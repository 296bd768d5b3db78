import type { DbOrTx } from '../../db/client.ts';
import type { Connector } from '../../db/queries/connectors.ts';
import type { FieldMapping } from '../../db/queries/field-mappings.ts';
import type { StagedSamples } from '../../db/queries/staged-samples.ts';
import { listNeighbourMappings, type NeighbourMapping } from '../../db/queries/table-neighbours.ts';
import type { MappingRequest, ProposedMapping } from '../../domain/mapping.ts';
import { mappingsBeside, sharingWarnings, tableOf, typeName } from './shared-table.ts';
import { type Keyed, keysOf } from './sole-key.ts';

export interface Surroundings {
  /** Every mapping the connector has. */
  all: readonly FieldMapping[];
  connector: Connector;
  staged: StagedSamples;
  /** Of other connectors, loaded into the same table. */
  neighbours: readonly NeighbourMapping[];
}

/** What other connectors of the tenant load into the table a mapping goes to. */
export function neighboursOf(
  db: DbOrTx,
  { all, connector }: Pick<Surroundings, 'all' | 'connector'>,
  targetTable: string,
): Promise<NeighbourMapping[]> {
  const { tenantId, id, namespace } = connector;
  const table = tableOf(all, targetTable, connector);
  return listNeighbourMappings(db, { tenantId, connectorId: id, namespace, table });
}

/** The proposals, each knowing what it replaces in another table and what else goes into its own. */
export function withSurroundings(
  proposals: readonly ProposedMapping[],
  request: MappingRequest,
  surroundings: Surroundings,
): ProposedMapping[] {
  const own = surroundings.all.filter(({ sourceStream }) => sourceStream === request.sourceStream);
  const before = new Map(own.map((mapping) => [mapping.sourceField, mapping]));
  const warningsOf = warningsAround(request, proposals, surroundings);
  return proposals.map((proposal) => {
    const former = before.get(proposal.sourceField);
    const isMoved = former !== undefined && former.targetTable !== request.targetTable;
    const moved = isMoved
      ? ` It no longer goes to "${former.targetTable}.${former.targetColumn}": a field feeds one column.`
      : '';
    return {
      ...proposal,
      reason: `${proposal.reason}${moved}`,
      warnings: [...proposal.warnings, ...warningsOf(proposal)],
    };
  });
}

/** What is to be said of one of a stream's mappings into a table because of what is around it. Who else is there: on the key, else on the first field. */
export function warningsAround(
  place: { sourceStream: string; targetTable: string },
  mappings: readonly Keyed[],
  { all, connector, staged, neighbours }: Surroundings,
): (mapping: Keyed & { targetType: string }) => string[] {
  const keys = keysOf(mappings, staged);
  const own = mappingsBeside(all, place, connector).map(({ sourceStream, targetColumn }) => ({
    name: `Stream "${sourceStream}"`,
    column: targetColumn,
  }));
  const others = neighbours.map((mapping) => ({ name: nameOf(mapping), column: mapping.targetColumn }));
  const sharing = sharingWarnings([...own, ...others], keys, connector);
  const [first] =
    keys.length > 0 ? [] : mappings.toSorted((a, b) => (a.sourceField < b.sourceField ? -1 : 1));
  return (mapping) => [
    ...(keys.includes(mapping.targetColumn) || first?.targetColumn === mapping.targetColumn ? sharing : []),
    ...typeConflicts(mapping, neighbours),
    ...nameWarnings(mapping.targetColumn),
  ];
}

/** Another connector's mappings are not this one's to refuse. */
function typeConflicts(
  { targetColumn, targetType }: { targetColumn: string; targetType: string },
  neighbours: readonly NeighbourMapping[],
): string[] {
  const conflict = neighbours.find(
    (other) =>
      other.targetColumn.toLowerCase() === targetColumn.toLowerCase() &&
      typeName(other.targetType) !== typeName(targetType),
  );
  if (!conflict) return [];
  const types = `${typeName(conflict.targetType)} there and ${typeName(targetType)} here`;
  return [
    `${nameOf(conflict)} loads this column too, as ${types}: what does not fit the type the table has is rejected.`,
  ];
}

function nameOf({ sourceSystem, sourceStream }: NeighbourMapping): string {
  return `Stream "${sourceStream}" of connector "${sourceSystem}"`;
}

/** What Postgres takes; other lakehouses take more. */
const POSTGRES_BYTES = 63;

function nameWarnings(column: string): string[] {
  const bytes = Buffer.byteLength(column);
  return bytes > POSTGRES_BYTES
    ? [
        `The column's name has ${bytes} bytes: a lakehouse on Postgres takes ${POSTGRES_BYTES} at most and would refuse the load.`,
      ]
    : [];
}
