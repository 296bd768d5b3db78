import type { Draft, Group, Measure } from '../draft.ts';
import { displayOf, type Entry, type Place } from '../link/scope.ts';
import type { Understanding } from '../read/read.ts';
import { numeral, sqlCondition } from './conditions.ts';
import type { SqlDialect } from './dialects.ts';
import { groupName, measureName, uniqueNames } from './names.ts';

export type Printed = { query: string } | { problem: string };

interface Output {
  sql: string;
  name: string;
}

/** A draft as one SELECT of a dialect. */
export function printSql(
  { scope, draft }: Pick<Understanding, 'scope' | 'draft'>,
  dialect: SqlDialect,
): Printed {
  const places = placesOf(draft, scope.root);
  const alias = aliasesOf(places);
  const column = (entry: Entry) =>
    places.length === 1
      ? dialect.name(entry.column.name)
      : `${alias.get(entry.place)}.${dialect.name(entry.column.name)}`;
  const keyed = draft.groups.map((group) => groupSql(group, scope, column, dialect));
  const problem = problemOf(draft, dialect);
  if (problem) return { problem };
  const measures = draft.measures.map(
    (measure): Output => ({ sql: measureSql(measure, column, dialect), name: measureName(measure) }),
  );
  const outputs = outputsOf(
    draft,
    scope.root,
    keyed.map(({ output }) => output),
    measures,
    column,
  );
  const names = uniqueNames(outputs.map(({ name }) => name));
  const select = outputs.map(({ sql }, at) => `${sql} AS ${dialect.name(names[at] ?? '')}`);
  const where = draft.filters.map((filter) => sqlCondition(filter, column, dialect));
  const isGrouped = draft.groups.length > 0;
  if (draft.latest) {
    const inner = fromSql(places, alias, dialect, where.length > 0);
    const order = `${column(draft.latest.time)} ${draft.latest.isFirst ? 'ASC' : `DESC${dialect.nullsLast}`}`;
    const position = `row_number() OVER (PARTITION BY ${column(draft.latest.per)} ORDER BY ${order}) AS ${dialect.name('position')}`;
    const kept = where.length > 0 ? ` WHERE ${where.join(' AND ')}` : '';
    const listed = names.map(dialect.name).join(', ');
    const [first = ''] = names;
    return {
      query:
        `SELECT ${listed} FROM (SELECT ${select.join(', ')}, ${position} ${inner}${kept}) AS ranked WHERE ${dialect.name('position')} = 1 ORDER BY ${dialect.name(first)} ${limitSql(draft)}`.trimEnd(),
    };
  }
  const from = [
    `SELECT ${draft.isDistinct || (isGrouped && measures.length === 0) ? 'DISTINCT ' : ''}${select.join(', ')}`,
    fromSql(places, alias, dialect, isGrouped || where.length > 0),
    where.length > 0 ? `WHERE ${where.join(' AND ')}` : '',
  ];
  const groupBy =
    isGrouped && (measures.length > 0 || draft.having.length > 0)
      ? `GROUP BY ${[...new Set(keyed.flatMap(({ by }) => by))].join(', ')}`
      : '';
  const having = draft.having.map(({ measure, op, value }) => ({
    sql: measureSql(measure, column, dialect),
    name: measureName(measure),
    op,
    value,
  }));
  const havingBy =
    having.length > 0 && dialect.hasHaving
      ? `HAVING ${having.map((one) => `${one.sql} ${one.op} ${numeral(one.value)}`).join(' AND ')}`
      : '';
  let body = [...from, groupBy, havingBy].filter((part) => part !== '').join(' ');
  if (having.length > 0 && !dialect.hasHaving) {
    body = `SELECT * FROM (${body}) WHERE ${having.map((one) => `${dialect.name(one.name)} ${one.op} ${numeral(one.value)}`).join(' AND ')}`;
  }
  if (draft.countGroups) return { query: `SELECT count(*) AS ${dialect.name('count')} FROM (${body}) AS g` };
  return {
    query: [body, orderSql(draft, names, keyed.length, column, dialect), limitSql(draft)]
      .filter((part) => part !== '')
      .join(' '),
  };
}

function problemOf(draft: Draft, dialect: SqlDialect): string | null {
  if (
    !dialect.hasWindowOverGroups &&
    draft.measures.some((one) => one.share !== null && one.where.length === 0)
  )
    return 'this store cannot say what part of the whole each group is';
  if (draft.measures.some((one) => one.fn === 'median') && dialect.median('') === null)
    return 'this store has no exact median';
  return null;
}

function outputsOf(
  draft: Draft,
  root: Place,
  keys: Output[],
  measures: Output[],
  column: (entry: Entry) => string,
): Output[] {
  if (keys.length + measures.length > 0) return [...keys, ...measures];
  if (draft.columns.length > 0)
    return draft.columns.map((entry) => ({ sql: column(entry), name: entry.column.name }));
  return root.table.columns
    .filter(({ name }) => name !== root.table.tenantColumn)
    .map((own) => {
      const entry: Entry = { place: root, column: own, kind: 'other', readings: [], described: new Set() };
      return { sql: column(entry), name: own.name };
    });
}

function groupSql(
  group: Group,
  scope: Understanding['scope'],
  column: (entry: Entry) => string,
  dialect: SqlDialect,
): { output: Output; by: string[] } {
  if (group.kind === 'bucket') {
    const sql = dialect.bucket(group.unit, column(group.entry));
    return { output: { sql, name: group.unit }, by: [sql] };
  }
  if (group.kind === 'column') {
    const sql = column(group.entry);
    return { output: { sql, name: group.entry.column.name }, by: [sql] };
  }
  const display = displayOf(scope, group.place);
  const keys = scope.entries.filter(
    (entry) => entry.place === group.place && group.place.via?.to.includes(entry.column.name),
  );
  const shown = display ?? keys[0];
  const sql = shown ? column(shown) : '1';
  return {
    output: { sql, name: groupName(group, shown?.column.name ?? 'key') },
    by: [...keys.map(column), sql],
  };
}

function measureSql(measure: Measure, column: (entry: Entry) => string, dialect: SqlDialect): string {
  const of = measure.entry ? column(measure.entry) : '*';
  if (measure.share !== null && measure.where.length > 0) {
    const when = measure.where.map((filter) => sqlCondition(filter, column, dialect)).join(' AND ');
    return `${factor(measure)} * sum(CASE WHEN ${when} THEN 1 ELSE 0 END) / ${dialect.rowsOrNull}`;
  }
  const plain = aggregateSql(measure, of, dialect);
  if (measure.share === null) return plain;
  return `${factor(measure)} * ${plain} / sum(${plain}) OVER ()`;
}

function factor(measure: Measure): string {
  return measure.share === 'percent' ? '100.0' : '1.0';
}

function aggregateSql({ fn, entry }: Measure, of: string, dialect: SqlDialect): string {
  if (fn === 'count' || entry === null) return 'count(*)';
  if (fn === 'distinct') return `count(DISTINCT ${of})`;
  if (fn === 'avg') return dialect.average(of);
  return fn === 'median' ? (dialect.median(of) ?? of) : `${fn}(${of})`;
}

function orderSql(
  draft: Draft,
  names: readonly string[],
  keys: number,
  column: (entry: Entry) => string,
  dialect: SqlDialect,
): string {
  const all = [...names.keys()].slice(0, keys).map((at) => dialect.name(names[at] ?? ''));
  const measured = names[keys];
  if (draft.order?.by === 'entry' && keys === 0 && draft.measures.length === 0)
    return draft.isDistinct && !draft.columns.includes(draft.order.entry)
      ? ''
      : `ORDER BY ${column(draft.order.entry)} ${direction(draft, dialect)}`;
  if (keys === 0)
    return draft.isDistinct && names.length > 0 ? `ORDER BY ${names.map(dialect.name).join(', ')}` : '';
  const bucket = draft.groups.findIndex((group) => group.kind === 'bucket');
  if (draft.order !== null && measured !== undefined)
    return `ORDER BY ${[`${dialect.name(measured)} ${direction(draft, dialect)}`, ...all].join(', ')}`;
  if (bucket !== -1 || measured === undefined)
    return `ORDER BY ${[...all.slice(Math.max(bucket, 0)), ...all.slice(0, Math.max(bucket, 0))].join(', ')}`;
  return `ORDER BY ${[`${dialect.name(measured)} DESC${dialect.nullsLast}`, ...all].join(', ')}`;
}

function direction(draft: Draft, dialect: SqlDialect): string {
  return draft.order?.descending ? `DESC${dialect.nullsLast}` : `ASC${dialect.nullsLast}`;
}

/** What nobody limited the guard limits, and the answer says so. */
function limitSql({ limit }: Draft): string {
  return limit === null ? '' : `LIMIT ${limit}`;
}

function fromSql(
  places: readonly Place[],
  alias: ReadonlyMap<Place, string>,
  dialect: SqlDialect,
  isInner: boolean,
): string {
  const [first, ...joined] = places;
  if (!first) return '';
  if (joined.length === 0) return `FROM ${dialect.table(first.table.name)}`;
  const joins = joined.map((place) => {
    const on = (place.via?.columns ?? []).map((from, at) => {
      const left = `${place.parent ? alias.get(place.parent) : ''}.${dialect.name(from)}`;
      return `${left} = ${alias.get(place)}.${dialect.name(place.via?.to[at] ?? from)}`;
    });
    return `${isInner ? 'JOIN' : 'LEFT JOIN'} ${dialect.table(place.table.name)} AS ${alias.get(place)} ON ${on.join(' AND ')}`;
  });
  return [`FROM ${dialect.table(first.table.name)} AS ${alias.get(first)}`, ...joins].join(' ');
}

/** The tables a draft needs, each after the one it is joined to. */
export function placesOf(draft: Draft, root: Place): Place[] {
  const filters = [...draft.filters, ...draft.measures.flatMap((measure) => measure.where)];
  const measures = [...draft.measures, ...draft.having.map(({ measure }) => measure)];
  const used = [
    root,
    ...filters.map((filter) => filter.entry.place),
    ...draft.groups.map((group) => (group.kind === 'place' ? group.place : group.entry.place)),
    ...measures.flatMap(({ entry }) => (entry ? [entry.place] : [])),
    ...draft.columns.map((entry) => entry.place),
    ...(draft.order?.by === 'entry' ? [draft.order.entry.place] : []),
    ...(draft.latest ? [draft.latest.per.place, draft.latest.time.place] : []),
  ];
  const all = new Set<Place>();
  for (const place of used) for (const one of lineage(place)) all.add(one);
  return [...all];
}

function lineage(place: Place): Place[] {
  return place.parent ? [...lineage(place.parent), place] : [place];
}

function aliasesOf(places: readonly Place[]): Map<Place, string> {
  return new Map(places.map((place, at) => [place, `t${at + 1}`]));
}
