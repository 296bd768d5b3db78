import type { Connector } from '../../db/queries/connectors.ts';
import type { FieldMapping } from '../../db/queries/field-mappings.ts';
import type { StagedSamples } from '../../db/queries/staged-samples.ts';
import type { MappingRequest, ProposedMapping } from '../../domain/mapping.ts';
import { mappingsBeside, sharingWarnings } from './shared-table.ts';
import { type Keyed, keysOf } from './sole-key.ts';

export interface Surroundings {
  /** Every mapping the connector has. */
  all: readonly FieldMapping[];
  connector: Connector;
  staged: StagedSamples;
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

/** What is to be said of one of a stream's mappings into a table because of what is around it: told on the key, else on the first. */
export function warningsAround(
  place: { sourceStream: string; targetTable: string },
  mappings: readonly Keyed[],
  { all, connector, staged }: Surroundings,
): (mapping: Keyed) => string[] {
  const keys = keysOf(mappings, staged);
  const sharing = sharingWarnings(mappingsBeside(all, place, connector), keys, connector);
  const [first] = keys.length > 0 ? [] : mappings;
  return ({ targetColumn }) => [
    ...(keys.includes(targetColumn) || first?.targetColumn === targetColumn ? sharing : []),
    ...nameWarnings(targetColumn),
  ];
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
