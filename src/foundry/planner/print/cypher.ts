import type { Draft, Filter, Group, Measure } from '../draft.ts';
import { displayOf, type Entry, type Place } from '../link/scope.ts';
import { MOST_STEPS } from '../read/graph.ts';
import type { Understanding } from '../read/read.ts';
import { numeral } from './conditions.ts';
import { measureName, uniqueNames } from './names.ts';
import type { Printed } from './sql.ts';

/** A draft as Cypher: nodes of a label, or a relationship with the nodes at both ends. */
export function printCypher({ scope, draft }: Understanding): Printed {
  const isRelationship = scope.root.table.kind === 'relationship';
  const variable = (place: Place) =>
    place === scope.root ? (isRelationship ? 'r' : 'n') : place.via?.columns[0] === 'end' ? 'b' : 'a';
  const property = (entry: Entry) => `${variable(entry.place)}.${name(entry.column.name)}`;
  const problem = problemOf(draft);
  if (problem) return { problem };
  const where = draft.filters.map((filter) => condition(filter, property));
  if (draft.path) {
    const { shown } = draft.path;
    const ends = `(a:${name(draft.path.from.table.name)}), (b:${name(draft.path.to.table.name)})`;
    const way = `shortestPath((a)-[:${name(scope.root.table.name)}*1..${MOST_STEPS}]->(b))`;
    return {
      query: `MATCH ${ends} WHERE ${where.join(' AND ')} WITH a, b LIMIT 1 WITH ${way} AS p RETURN [x IN nodes(p) | x.${name(shown.column.name)}] AS path, length(p) AS steps LIMIT 1`,
    };
  }
  const keys = draft.groups.map((group) => groupOf(group, scope, property));
  const measures = draft.measures.map((measure) => ({
    text: aggregate(measure, property, variable(scope.root)),
    as: measureName(measure),
  }));
  const outputs =
    keys.length + measures.length > 0
      ? [...keys, ...measures]
      : rowsOf(draft, scope, property, variable(scope.root));
  const names = uniqueNames(outputs.map(({ as }) => as));
  const listed = outputs.map(({ text }, at) => `${text} AS ${name(names[at] ?? '')}`).join(', ');
  const match = `MATCH ${patternOf(scope.root, draft, isRelationship)}${where.length > 0 ? ` WHERE ${where.join(' AND ')}` : ''}`;
  const distinct = draft.isDistinct || (keys.length > 0 && measures.length === 0) ? 'DISTINCT ' : '';
  if (draft.having.length === 0) {
    return {
      query: [match, `RETURN ${distinct}${listed}`, order(draft, names, keys.length, property), limit(draft)]
        .filter((part) => part !== '')
        .join(' '),
    };
  }
  const kept = draft.having
    .map(({ measure, op, value }) => `${name(measureName(measure))} ${op} ${numeral(value)}`)
    .join(' AND ');
  const returned = draft.countGroups ? 'count(*) AS count' : names.map(name).join(', ');
  const tail = draft.countGroups ? '' : `${order(draft, names, keys.length, property)} ${limit(draft)}`;
  return { query: `${match} WITH ${listed} WHERE ${kept} RETURN ${returned} ${tail}`.trim() };
}

function problemOf(draft: Draft): string | null {
  const isFar =
    draft.reach !== null &&
    draft.columns.length === 0 &&
    draft.measures.every((one) => one.fn !== 'distinct');
  if (isFar) return 'over several steps only the nodes reached can be told';
  if (draft.latest) return 'the latest of each cannot be asked of the graph';
  if (draft.measures.some((one) => one.share !== null && one.where.length === 0))
    return 'the graph cannot say what part of the whole each group is';
  if (draft.groups.some((group) => group.kind === 'bucket' && group.unit !== 'year'))
    return 'the graph groups times by year only';
  return null;
}

function patternOf(root: Place, draft: Draft, isRelationship: boolean): string {
  if (!isRelationship) return `(n:${name(root.table.name)})`;
  const label = (end: 'start' | 'end') => {
    const used = [
      ...draft.filters.map(({ entry }) => entry.place),
      ...draft.columns.map(({ place }) => place),
      ...draft.groups.map((group) => (group.kind === 'place' ? group.place : group.entry.place)),
      ...draft.measures.flatMap(({ entry }) => (entry ? [entry.place] : [])),
    ];
    const place = used.find((one) => one.via?.columns[0] === end);
    const only = root.table.references.filter((reference) => reference.columns[0] === end);
    const table = place?.table.name ?? (only.length === 1 ? only[0]?.table : undefined);
    return table === undefined ? '' : `:${name(table)}`;
  };
  return `(a${label('start')})-[${draft.reach === null ? 'r' : ''}:${name(root.table.name)}${draft.reach === null ? '' : `*1..${draft.reach}`}]->(b${label('end')})`;
}

function groupOf(
  group: Group,
  scope: Understanding['scope'],
  property: (entry: Entry) => string,
): { text: string; as: string } {
  if (group.kind === 'bucket') return { text: `${property(group.entry)}.year`, as: 'year' };
  if (group.kind === 'column') return { text: property(group.entry), as: group.entry.column.name };
  const display = displayOf(scope, group.place) ?? scope.entries.find((entry) => entry.place === group.place);
  return display ? { text: property(display), as: display.column.name } : { text: 'null', as: 'key' };
}

function rowsOf(
  draft: Draft,
  scope: Understanding['scope'],
  property: (entry: Entry) => string,
  variable: string,
) {
  if (draft.columns.length > 0)
    return draft.columns.map((entry) => ({ text: property(entry), as: entry.column.name }));
  const { table } = scope.root;
  const ends = scope.places.slice(1).flatMap((place) => displayOf(scope, place) ?? []);
  const told = ends.map((entry) => ({
    text: property(entry),
    as: `${entry.place.via?.columns[0]}_${entry.column.name}`,
  }));
  const own = table.columns.filter((column) => column.name !== table.tenantColumn);
  return [...told, ...own.map((column) => ({ text: `${variable}.${name(column.name)}`, as: column.name }))];
}

function aggregate(measure: Measure, property: (entry: Entry) => string, variable: string): string {
  const of = measure.entry ? property(measure.entry) : variable;
  if (measure.share !== null) {
    const when = measure.where.map((filter) => condition(filter, property)).join(' AND ');
    return `${measure.share === 'percent' ? '100.0' : '1.0'} * sum(CASE WHEN ${when} THEN 1 ELSE 0 END) / count(${variable})`;
  }
  if (measure.fn === 'count' || measure.entry === null) return `count(${variable})`;
  if (measure.fn === 'distinct') return `count(DISTINCT ${of})`;
  return measure.fn === 'median' ? `percentileCont(${of}, 0.5)` : `${measure.fn}(${of})`;
}

function condition(filter: Filter, property: (entry: Entry) => string): string {
  const on = property(filter.entry);
  switch (filter.kind) {
    case 'in': {
      const values = [
        ...new Set(filter.isExact ? filter.values : filter.values.map((value) => value.toLowerCase())),
      ];
      const compared = filter.isExact ? on : `toLower(${on})`;
      if (values.length === 1) return `${compared} ${filter.isNegated ? '<>' : '='} ${text(values[0] ?? '')}`;
      return `${filter.isNegated ? 'NOT ' : ''}${compared} IN [${values.map(text).join(', ')}]`;
    }
    case 'compare':
      return `${on} ${filter.op} ${numeral(filter.value)}`;
    case 'text': {
      const how = { contains: 'CONTAINS', starts: 'STARTS WITH', ends: 'ENDS WITH' }[filter.how];
      return `${filter.isNegated ? 'NOT ' : ''}toLower(${on}) ${how} ${text(filter.value.toLowerCase())}`;
    }
    case 'empty':
      return `${on} IS ${filter.isNegated ? 'NOT ' : ''}NULL`;
    case 'flag':
      return filter.value ? `${on} = true` : `${on} = false`;
    case 'time':
      return [
        filter.span.from === null ? '' : `${on} >= ${moment(filter.entry, filter.span.from)}`,
        filter.span.to === null ? '' : `${on} < ${moment(filter.entry, filter.span.to)}`,
        filter.span.month === null ? '' : `${on}.month = ${filter.span.month}`,
      ]
        .filter((part) => part !== '')
        .join(' AND ');
  }
}

function moment(entry: Entry, day: string): string {
  if (day.includes('T')) return `localdatetime('${day.replace('Z', '')}')`;
  return /^date$/i.test(entry.column.type) ? `date('${day}')` : `localdatetime('${day}T00:00:00')`;
}

function order(
  draft: Draft,
  names: readonly string[],
  keys: number,
  property: (entry: Entry) => string,
): string {
  const way = draft.order?.descending ? 'DESC' : 'ASC';
  const all = names.slice(0, keys).map(name);
  const measured = names[keys];
  if (draft.order?.by === 'entry' && draft.measures.length === 0)
    return draft.isDistinct ? '' : `ORDER BY ${property(draft.order.entry)} ${way}`;
  if (keys === 0) return draft.isDistinct ? `ORDER BY ${names.map(name).join(', ')}` : '';
  if (measured === undefined) return `ORDER BY ${all.join(', ')}`;
  return `ORDER BY ${[`${name(measured)} ${draft.order ? way : 'DESC'}`, ...all].join(', ')}`;
}

/** What nobody limited the guard limits, and the answer says so. */
function limit({ limit }: Draft): string {
  return limit === null ? '' : `LIMIT ${limit}`;
}

function name(plain: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(plain) &&
    !/^(?:count|order|end|start|match|where|return|limit|all|in|as|by|with)$/i.test(plain)
    ? plain
    : `\`${plain.replaceAll('`', '``')}\``;
}

function text(plain: string): string {
  return `'${plain.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
