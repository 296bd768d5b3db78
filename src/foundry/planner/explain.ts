import type { Filter, Group, Measure } from './draft.ts';
import { displayOf } from './link/scope.ts';
import type { Understanding } from './read/read.ts';

const FNS = {
  count: 'the number of rows',
  distinct: 'the number of different',
  sum: 'the total of',
  avg: 'the average of',
  min: 'the lowest',
  max: 'the highest',
  median: 'the median of',
} as const;

/** What the query does, in one plain sentence: every choice the planner made is in it. */
export function explain(understanding: Understanding): string {
  const { draft, scope } = understanding;
  const table = scope.root.table.name;
  if (draft.path) return `The shortest way over ${table} where ${draft.filters.map(filtered).join(' and ')}.`;
  const columns = draft.columns.map((entry) => entry.column.name);
  const what =
    draft.measures.length > 0
      ? draft.measures.map(measured).join(' and ')
      : columns.length > 0
        ? `${draft.isDistinct ? 'the different ' : ''}${columns.join(', ')}`
        : draft.groups.length > 0
          ? 'the different'
          : 'the rows';
  const groups = draft.groups.map((group) => grouped(group, understanding));
  const by = groups.length > 0 ? `${draft.measures.length > 0 ? ' per ' : ' '}${groups.join(' and ')}` : '';
  const where = draft.filters.length > 0 ? ` where ${draft.filters.map(filtered).join(' and ')}` : '';
  const having = draft.having.map(({ measure, op, value }) => `${measured(measure)} ${op} ${value}`);
  const kept = having.length > 0 ? `, only groups with ${having.join(' and ')}` : '';
  const counted = draft.countGroups ? 'How many groups there are of ' : '';
  return `${counted === '' ? capital(what) : `${counted}${what}`}${by} from ${table}${draft.reach === null ? '' : ` over at most ${draft.reach} steps`}${where}${kept}${latest(understanding)}${ordered(understanding)}.`;
}

function measured(measure: Measure): string {
  if (measure.share !== null) {
    const unit = measure.share === 'percent' ? 'percentage' : 'fraction';
    if (measure.where.length > 0)
      return `the ${unit} of rows where ${measure.where.map(filtered).join(' and ')}`;
    return `the ${unit} of ${measure.entry ? `the total ${measure.entry.column.name}` : 'all rows'}`;
  }
  return measure.entry ? `${FNS[measure.fn]} ${measure.entry.column.name}` : FNS.count;
}

function grouped(group: Group, { scope }: Understanding): string {
  if (group.kind === 'bucket') return `${group.unit} of ${group.entry.column.name}`;
  if (group.kind === 'column') return group.entry.column.name;
  const role = group.place.via?.columns.join(', ');
  return `${displayOf(scope, group.place)?.column.name ?? 'key'} of ${group.place.table.name} (${role})`;
}

function filtered(filter: Filter): string {
  const on = filter.entry.column.name;
  switch (filter.kind) {
    case 'in':
      return `${on} is ${filter.isNegated ? 'not ' : ''}${filter.values.map((value) => `"${value}"`).join(' or ')}`;
    case 'compare':
      return `${on} ${filter.op} ${filter.value}`;
    case 'text':
      return `${on} ${filter.isNegated ? 'not ' : ''}${filter.how} "${filter.value}"`;
    case 'empty':
      return `${on} is ${filter.isNegated ? 'known' : 'not known'}`;
    case 'flag':
      return `${on} is ${filter.value ? 'true' : 'false'}`;
    case 'time':
      return `${on} is ${period(filter.span)}`;
  }
}

function period({
  from,
  to,
  month,
}: {
  from: string | null;
  to: string | null;
  month: number | null;
}): string {
  if (month !== null) return `in month ${month}`;
  return [from === null ? '' : `from ${from}`, to === null ? '' : `before ${to}`]
    .filter((part) => part !== '')
    .join(' and ');
}

function ordered({ draft }: Understanding): string {
  if (draft.order === null) return draft.limit === null ? '' : `, ${draft.limit} of them`;
  const by = draft.order.by === 'entry' ? draft.order.entry.column.name : 'that';
  const first = draft.order.descending ? 'highest' : 'lowest';
  return `, ${first} ${by} first${draft.limit === null ? '' : `, the first ${draft.limit}`}`;
}

function latest({ draft }: Understanding): string {
  if (draft.latest === null) return '';
  const { per, time, isFirst } = draft.latest;
  return `, for each ${per.column.name} the row with the ${isFirst ? 'earliest' : 'latest'} ${time.column.name}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
