import type { FieldMapping, MappingChange } from '../../db/queries/field-mappings.ts';
import { type ChangedMapping, differs } from './record-change.ts';

/** What approving a mapping does besides: it is then for the source as it is now. */
export function approvalOf(
  { drift }: Pick<FieldMapping, 'drift'>,
  { reviewed }: { reviewed?: boolean },
): Pick<MappingChange, 'drift' | 'sourceType'> {
  if (!reviewed || drift === null) return {};
  return { drift: null, ...(drift.kind === 'type_changed' ? { sourceType: drift.to } : {}) };
}

/** The reason of a proposal is none for what a reviewer put in its place; where nothing was, it stays. */
export function reasonOf(
  before: Pick<FieldMapping, 'targetColumn' | 'transformFn'>,
  { targetColumn = before.targetColumn, transformFn = before.transformFn }: MappingChange,
): Pick<MappingChange, 'reason'> {
  const set = [
    targetColumn === before.targetColumn ? null : 'the column',
    transformFn === before.transformFn ? null : 'the transform',
  ].filter((part) => part !== null);
  return set.length === 0 ? {} : { reason: `Set by a reviewer: ${set.join(' and ')}.` };
}

/** The history of a PUT: what it changed, and whether that approved the mapping. Nothing differs: nothing to tell. */
export function updateChanges(from: FieldMapping, to: FieldMapping): ChangedMapping[] {
  if (!differs(from, to)) return [];
  const isApproved = to.reviewed && (!from.reviewed || (from.drift !== null && to.drift === null));
  const isUnapproved = from.reviewed && !to.reviewed;
  const action = isApproved ? 'approved' : isUnapproved ? 'unapproved' : 'updated';
  return [{ mapping: to, action, from, to }];
}
