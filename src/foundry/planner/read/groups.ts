import type { Group } from '../draft.ts';
import { B, C, P, pick, pickPlace, type Reading, rule } from './reading.ts';
import { bucketAsColumn, bucketOf } from './times.ts';

const ONE = `(?:different )?(?:${C}|${P}|${B})`;
const BY =
  '(?:(?:grouped|group|broken down|break down|break it down|broken out|split|split up|aggregated|summarized|summarised)(?: them| it| that| this)? (?:by|per|into)|by|per|for each|for every|in each|in every|at each|at every|of each|from each|each|every|across(?: all)?|for different|within each|on each)';

/** "by state and month", "per airline", "for each species". */
export function readGroups(reading: Reading): void {
  rule(reading, `${BY} (?<list>${ONE}(?:(?: ,| and| by| per| then| for each)+ ${ONE})*)`, ({ list = '' }) => {
    const groups = [...list.matchAll(/\{[cpb]\d+\}/g)].map(([tag]) => readGroup(reading, tag));
    const known = groups.filter((group): group is Group => group !== null);
    if (known.length < groups.length) return false;
    reading.draft.groups.push(...known);
    return true;
  });
}

export function readGroup(reading: Reading, tag: string): Group | null {
  if (tag.startsWith('{b')) {
    const bucket = bucketOf(reading, tag);
    if (bucket) return { kind: 'bucket', ...bucket };
    const years = bucketAsColumn(reading, tag);
    return years && { kind: 'column', entry: years };
  }
  if (tag.startsWith('{p')) {
    const place = pickPlace(reading, tag);
    return place && { kind: 'place', place };
  }
  if (!tag.startsWith('{c')) return null;
  const entry = pick(reading, tag, ['text', 'boolean']) ?? pick(reading, tag, ['number', 'time']);
  if (!entry) return null;
  return entry.kind === 'time' ? { kind: 'bucket', entry, unit: 'day' } : { kind: 'column', entry };
}
