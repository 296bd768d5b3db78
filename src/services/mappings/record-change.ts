import type { Ctx } from '../../context.ts';
import type { DbOrTx } from '../../db/client.ts';
import { insertMappingChanges } from '../../db/queries/mapping-changes.ts';
import type { MappingAction, MappingDrift } from '../../domain/mapping.ts';

/** What of a mapping can change. */
export interface MappingValues {
  targetSchema: string;
  targetTable: string;
  targetColumn: string;
  transformFn: string | null;
  confidenceScore: number;
  reviewed: boolean;
  drift: MappingDrift | null;
  /** Kept where it is another, beside what else is; by itself it is no change. */
  reason: string | null;
}

export interface ChangedMapping {
  mapping: { id: string; connectorId: string; sourceStream: string; sourceField: string };
  action: MappingAction;
  /** Absent: there was no mapping before. Of both only what differs is kept. */
  from?: Partial<MappingValues>;
  /** Absent: there is no mapping any more. */
  to?: Partial<MappingValues>;
}

/** Writes the history of mappings, in the transaction that changes them and in the order given. */
export async function recordMappingChanges(
  tx: DbOrTx,
  { tenantId, actor }: Pick<Ctx, 'tenantId' | 'actor'>,
  changes: readonly ChangedMapping[],
): Promise<void> {
  const rows = changes.map(({ mapping, action, from, to }) => ({
    tenantId,
    actor,
    action,
    connectorId: mapping.connectorId,
    mappingId: mapping.id,
    sourceStream: mapping.sourceStream,
    sourceField: mapping.sourceField,
    detail: detailOf(from, to),
  }));
  await insertMappingChanges(tx, rows);
}

/** Whether anything that is recorded differs. */
export function differs(from: Partial<MappingValues>, to: Partial<MappingValues>): boolean {
  return NAMED.some(({ key }) => isChanged(from, to, key));
}

/** As the API names them. */
const NAMED: readonly { key: keyof MappingValues; name: string }[] = [
  { key: 'targetSchema', name: 'target_schema' },
  { key: 'targetTable', name: 'target_table' },
  { key: 'targetColumn', name: 'target_column' },
  { key: 'transformFn', name: 'transform_fn' },
  { key: 'confidenceScore', name: 'confidence_score' },
  { key: 'reviewed', name: 'reviewed' },
  { key: 'drift', name: 'drift' },
];

const REASON = { key: 'reason', name: 'reason' } as const;

function detailOf(
  from: Partial<MappingValues> | undefined,
  to: Partial<MappingValues> | undefined,
): Record<string, unknown> {
  if (from === undefined || to === undefined) {
    const [values, side] = to ? [to, 'to'] : [from, 'from'];
    return values ? { [side]: pick(values, NAMED) } : {};
  }
  const changed = [...NAMED, REASON].filter(({ key }) => isChanged(from, to, key));
  return { from: pick(from, changed), to: pick(to, changed) };
}

function pick(values: Partial<MappingValues>, names: typeof NAMED): Record<string, unknown> {
  const kept = names.filter(({ key }) => values[key] !== undefined);
  return Object.fromEntries(kept.map(({ key, name }) => [name, values[key]]));
}

function isChanged(from: Partial<MappingValues>, to: Partial<MappingValues>, key: keyof MappingValues) {
  return to[key] !== undefined && JSON.stringify(from[key]) !== JSON.stringify(to[key]);
}
