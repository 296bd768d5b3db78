import type { FieldMapping, NewFieldMapping } from '../../db/queries/field-mappings.ts';
import { type ChangedMapping, differs } from './record-change.ts';

export interface SavedProposals {
  /** The stream's mappings as they were. */
  existing: readonly FieldMapping[];
  /** ids of those that were deleted. */
  gone: readonly string[];
  rows: readonly NewFieldMapping[];
  /** What of the rows was written, with the id it has: an earlier proposal of the field keeps its own. */
  written: readonly { id: string; sourceField: string }[];
}

/** What saving proposals has changed: withdrawn ones first. A proposal that says what the one before said is no change. */
export function proposalChanges({ existing, gone, rows, written }: SavedProposals): ChangedMapping[] {
  const before = new Map(existing.map((row) => [row.id, row]));
  const byField = new Map(rows.map((row) => [row.sourceField, row]));
  const withdrawn = gone.flatMap((id): ChangedMapping[] => {
    const mapping = before.get(id);
    return mapping ? [{ mapping, action: 'withdrawn', from: mapping }] : [];
  });
  const proposed = written.flatMap(({ id, sourceField }): ChangedMapping[] => {
    const row = byField.get(sourceField);
    if (!row) return [];
    const { connectorId, sourceStream } = row;
    const mapping = { id, connectorId, sourceStream, sourceField };
    const to = { ...row, transformFn: row.transformFn ?? null, reviewed: false, drift: null };
    const from = before.get(id);
    if (!from) return [{ mapping, action: 'proposed', to }];
    return differs(from, to) ? [{ mapping, action: 'replaced', from, to }] : [];
  });
  return [...withdrawn, ...proposed];
}
