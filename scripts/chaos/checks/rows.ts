import type { Sql } from 'postgres';
import type { Connector } from '../connectors.ts';
import { type Evidence, movedOn, nameOf, type RejectedRow } from '../evidence.ts';
import { changesBetween, contentAt, isBad, type SourceRow, type StreamSpec } from '../model.ts';
import { tableOf } from '../sources.ts';
import { type Check, check } from './check.ts';

export async function checkRows(
  sql: Sql,
  connectors: readonly Connector[],
  evidence: Evidence,
): Promise<Check[]> {
  const alive = connectors.filter(({ isDeleted }) => !isDeleted);
  return [await lakehouse(sql, alive), rejected(alive, evidence)];
}

async function lakehouse(sql: Sql, connectors: readonly Connector[]): Promise<Check> {
  const details: string[] = [];
  let rows = 0;
  let tables = 0;
  for (const connector of connectors) {
    for (const stream of connector.kind.streams) {
      const found = await rowsOf(sql, connector, stream);
      rows += found.length;
      tables += 1;
      details.push(
        ...differences(`${nameOf(connector)} ${stream.name}`, expectedOf(connector, stream), found),
      );
    }
  }
  return check(
    'every row of every source is in the lakehouse once, as it is',
    `${rows} rows in ${tables} tables`,
    details,
  );
}

async function rowsOf(sql: Sql, { namespace, kind }: Connector, { name }: StreamSpec): Promise<SourceRow[]> {
  const table = `"${namespace}"."${tableOf(kind, name)}"`;
  const rows = await sql
    .unsafe<SourceRow[]>(
      `select owner, id::float8 as id, seq::float8 as seq, amount::float8 as amount, note from ${table}`,
    )
    .catch((error: unknown) => Promise.reject(new Error(`${table}: ${String(error)}`)));
  return [...rows];
}

/** What a perfect load leaves, by id. */
function expectedOf({ source, kind, now }: Connector, stream: StreamSpec): Map<number, SourceRow> {
  const content = contentAt(source, stream, now.heads[stream.name] ?? 0);
  if (!kind.mapped.includes(stream.name)) return content;
  const good = [...content].filter(([, row]) => !isBad(row));
  return new Map(good.map(([id, row]) => [id, transformed(row)]));
}

function transformed(row: SourceRow): SourceRow {
  return { ...row, amount: Math.floor(840 / row.amount), note: row.note.trim().toUpperCase() };
}

function differences(name: string, expected: Map<number, SourceRow>, found: readonly SourceRow[]): string[] {
  const byId = Map.groupBy(found, ({ id }) => id);
  const missing = [...expected.keys()].filter((id) => !byId.has(id));
  const extra = [...byId.keys()].filter((id) => !expected.has(id));
  const twice = [...byId].filter(([, rows]) => rows.length > 1).map(([id]) => id);
  const wrong = [...byId]
    .filter(([id, [row]]) => expected.has(id) && !isSame(expected.get(id), row))
    .map(([id]) => id);
  return Object.entries({ missing, extra, twice, wrong })
    .filter(([, ids]) => ids.length > 0)
    .map(
      ([what, ids]) =>
        `${name}: ${ids.length} ${what} of ${expected.size} (ids ${ids.slice(0, 8).join(', ')})`,
    );
}

function isSame(a: SourceRow | undefined, b: SourceRow | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b && { ...b });
}

/** Of a log every bad row once; of a table every key that is bad; and nothing else. */
function rejected(connectors: readonly Connector[], { rejected, history }: Evidence): Check {
  const kept = new Set(history.filter(movedOn).map(({ id }) => id));
  const details: string[] = [];
  let count = 0;
  for (const connector of connectors) {
    const own = rejected.filter(({ connectorId }) => connectorId === connector.id);
    count += own.length;
    for (const stream of connector.kind.streams) {
      const rows = own.filter((row) => row.stream === stream.name);
      const isMapped = connector.kind.mapped.includes(stream.name);
      details.push(...wrongRejections(connector, { stream, rows, kept, isMapped }));
    }
  }
  return check('the rejected rows are the bad rows of mapped streams', `${count} rejected`, details);
}

interface Rejections {
  stream: StreamSpec;
  rows: RejectedRow[];
  kept: ReadonlySet<string>;
  isMapped: boolean;
}

function wrongRejections(connector: Connector, { stream, rows, kept, isMapped }: Rejections): string[] {
  const name = `${nameOf(connector)} ${stream.name}`;
  if (!isMapped) return rows.map(({ runId, error }) => `${name}: run ${runId} rejected a row: ${error}`);
  const to = connector.now.heads[stream.name] ?? 0;
  const bad = new Set<number>();
  for (const { row } of changesBetween(connector.source, stream, { from: 0, to }))
    if (isBad(row)) bad.add(row.id);
  const idOf = ({ row }: RejectedRow) => Number((JSON.parse(row) as { id: unknown }).id);
  const good = rows.filter((row) => !bad.has(idOf(row)));
  const counted = rows.filter(({ runId }) => kept.has(runId)).map(idOf);
  const missing = [...bad].filter((id) => !counted.includes(id));
  const twice = stream.kind === 'log' ? counted.length - new Set(counted).size : 0;
  return [
    ...(good.length > 0 ? [`${name}: ${good.length} good rows were rejected, as ${good[0]?.error}`] : []),
    ...(missing.length > 0
      ? [`${name}: ${missing.length} of ${bad.size} bad rows are not on the list: ${missing.slice(0, 8)}`]
      : []),
    ...(twice > 0 ? [`${name}: ${twice} bad rows are on the list twice`] : []),
  ];
}
