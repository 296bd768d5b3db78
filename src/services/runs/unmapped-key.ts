import type { Ctx } from '../../context.ts';
import type { RunRow } from '../../db/queries/run-claims.ts';
import { keepWarnings } from '../../db/queries/run-log.ts';
import type { LoadMode } from '../../domain/connector-state.ts';
import { LostLeaseError } from '../../errors.ts';
import type { TablePlan } from './plan-table.ts';
import type { RunRecord } from './run-record.ts';

/**
 * Says in the run's warnings and in its log which of its tables are appended to although rows should be updated, because the key is not
 * mapped. Throws LostLeaseError when the run is another worker's.
 */
export async function warnOfUnmappedKeys(
  ctx: Ctx,
  { id: runId, tenantId, fence, warnings: before }: RunRow,
  found: readonly string[],
  record: RunRecord,
): Promise<void> {
  if (found.length === 0) return;
  const warnings = [...new Set([...before, ...found])];
  if (!(await keepWarnings(ctx.database.db, { tenantId, runId, fence }, warnings)))
    throw new LostLeaseError(runId);
  for (const warning of found) record.say(`warning: ${warning}`);
}

/** One sentence a table whose rows have a key in staging that its mappings leave out. */
export function unmappedKeys(plans: readonly TablePlan[], loadMode: LoadMode): string[] {
  if (loadMode === 'append') return [];
  return plans.flatMap(({ stream, table, targetTable, columns, keys }) => {
    if (keys.length > 0) return [];
    const mapped = new Set(columns.map(({ sourceColumn }) => sourceColumn));
    const missing = table.primaryKey.filter((key) => !mapped.has(key)).map((key) => `"${key}"`);
    if (missing.length === 0) return [];
    const [what, it] = missing.length === 1 ? ['is', 'it'] : ['are', 'them'];
    return [
      `stream "${stream}": the key ${missing.join(', ')} ${what} not mapped, so rows are appended to ${targetTable} and one that is delivered again is there twice: map ${it}, or mark the column that tells rows apart as the key`,
    ];
  });
}
