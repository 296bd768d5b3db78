import type { Ctx } from '../../context.ts';
import type { RunRow } from '../../db/queries/run-claims.ts';
import { keepWarnings } from '../../db/queries/run-log.ts';
import { driftText, type SourceFields } from '../../domain/source-drift.ts';
import { LostLeaseError } from '../../errors.ts';
import { type NotedStream, noteSource } from '../mappings/flag-drift.ts';
import type { RunRecord } from './run-record.ts';

/** A source whose every field has changed is told by the first of them. */
const MOST = 100;

/**
 * Compares the schemas a run met with what the source told before, flags the mappings they concern, and says so in the run's warnings and
 * in its log. Throws LostLeaseError when the run is another worker's; nothing is written then.
 */
export async function noteSchemas(
  ctx: Ctx,
  { id: runId, tenantId, connectorId, fence, warnings: before }: RunRow,
  streams: ReadonlyMap<string, SourceFields>,
  record: RunRecord,
): Promise<void> {
  if (streams.size === 0) return;
  const said = await ctx.database.db.transaction(async (tx) => {
    const told = { connectorId, origin: 'run', streams, isComplete: false, untyped: null } as const;
    const found = (await noteSource(tx, ctx, told)).flatMap(warningsOf);
    // an attempt before this one may have met what is no news any more
    const all = [...new Set([...before, ...found])];
    const warnings = all.length > MOST ? [...all.slice(0, MOST), `and ${all.length - MOST} more`] : all;
    if (warnings.length === 0) return [];
    if (await keepWarnings(tx, { tenantId, runId, fence }, warnings)) return warnings;
    throw new LostLeaseError(runId);
  });
  for (const warning of said) record.say(`warning: ${warning}`);
}

/** A flagged mapping is told by every run until it is reviewed, a field that is new by the run that met it. */
function warningsOf({ stream, changes, flagged, unmapped }: NotedStream): string[] {
  const isUnmapped = new Set(unmapped);
  const drifted = flagged.flatMap(({ sourceField, targetTable, targetColumn, drift }) => {
    if (drift === null) return [];
    const effect = drift.kind === 'field_removed' ? 'gets no value and needs review' : 'needs review';
    return [`${driftText(sourceField, drift)}; its mapping to ${targetTable}.${targetColumn} ${effect}`];
  });
  const added = changes.flatMap((change) =>
    change.kind === 'added' && isUnmapped.has(change.field)
      ? [`field "${change.field}" (${change.to}) is new and has no mapping`]
      : [],
  );
  return [...drifted, ...added].map((text) => `stream "${stream}": ${text}`.replaceAll('\0', ''));
}
