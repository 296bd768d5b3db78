import type { Group, Measure } from '../draft.ts';
import { pieces } from '../words.ts';

const FN_NAMES = {
  count: 'count',
  distinct: 'distinct',
  sum: 'total',
  avg: 'average',
  min: 'lowest',
  max: 'highest',
  median: 'median',
} as const;

/** What a measure's column is called in the answer. */
export function measureName(measure: Measure): string {
  if (measure.share !== null) return measure.share === 'percent' ? 'percentage' : 'fraction';
  const of = measure.entry ? pieces(measure.entry.column.name).join('_') : '';
  const fn = FN_NAMES[measure.fn];
  return of === '' ? fn : of.startsWith(fn) ? of : `${fn}_${of}`;
}

/** Names of the answer's columns, none twice. */
export function uniqueNames(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const times = (seen.get(name.toLowerCase()) ?? 0) + 1;
    seen.set(name.toLowerCase(), times);
    return times === 1 ? name : `${name}_${times}`;
  });
}

export function groupName(group: Group, display: string): string {
  return group.kind === 'bucket' ? group.unit : group.kind === 'column' ? group.entry.column.name : display;
}
