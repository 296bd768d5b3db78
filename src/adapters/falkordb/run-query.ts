import type { StoreValue } from '../../domain/foundry/store-value.ts';
import type { StoreAnswer, StoreLimits } from '../../ports/query-store.ts';
import { createCompactReader, type GraphNames, UnknownName } from './compact.ts';
import { FalkorError } from './falkordb-errors.ts';
import type { Resp, RespReader } from './resp-reader.ts';
import type { Session } from './session.ts';

/** Types of values as the compact protocol numbers them. */
const TYPES = [
  'unknown',
  'null',
  'string',
  'integer',
  'boolean',
  'float',
  'array',
  'relationship',
  'node',
  'path',
  'map',
  'point',
  'vector',
  'datetime',
  'date',
  'time',
  'duration',
];
const COMPACT = ['--compact', 'TIMEOUT'];

/** Streams rows up to the limits; what is left of the answer is never read. A column's type is that of its first value. */
export async function runQuery(
  session: Session,
  { graph, query, timeoutMs }: { graph: string; query: string; timeoutMs: number },
  { maxRows, maxBytes }: Pick<StoreLimits, 'maxRows' | 'maxBytes'>,
): Promise<StoreAnswer> {
  const names = await readNames(session, graph);
  const reader = session.send('GRAPH.RO_QUERY', graph, query, ...COMPACT, String(timeoutMs));
  const from = reader.bytesRead();
  const read = createCompactReader(names);
  const parts = await reader.arrayLength();
  // without a RETURN there are statistics only
  if (parts < 3) return nothing(reader, parts);
  const header = await reader.value();
  const types = new Map<number, string>();
  const rows: StoreValue[][] = [];
  const total = await reader.arrayLength();
  const isFull = () => rows.length === maxRows || reader.bytesRead() - from > maxBytes;
  for (let n = 0; n < total; n++) {
    if (isFull()) break;
    const cells = listOf(await reader.value());
    cells.forEach((cell, column) => {
      const type = Number(listOf(cell)[0]);
      if (type > 1 && !types.has(column)) types.set(column, TYPES[type] ?? 'unknown');
    });
    rows.push(cells.map(read));
  }
  // the statistics, where the session goes on
  if (rows.length === total) await reader.value();
  const columns = listOf(header).map((column, n) => ({
    name: String(listOf(column)[1]),
    type: types.get(n) ?? 'null',
  }));
  return { columns, rows, truncated: rows.length < total };
}

async function nothing(reader: RespReader, parts: number): Promise<StoreAnswer> {
  for (let n = 0; n < parts; n++) await reader.value();
  return { columns: [], rows: [], truncated: false };
}

/** Runs again where the graph got a new name meanwhile. */
export async function withFreshNames<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UnknownName)) throw error;
    return work();
  }
}

async function readNames(session: Session, graph: string): Promise<GraphNames> {
  const list = async (procedure: string) => {
    const answer = listOf(await session.call('GRAPH.RO_QUERY', graph, `CALL ${procedure}()`));
    return listOf(answer[1]).map((row) => String(listOf(row)[0]));
  };
  return {
    labels: await list('db.labels'),
    types: await list('db.relationshipTypes'),
    keys: await list('db.propertyKeys'),
  };
}

function listOf(value: Resp | undefined): Resp[] {
  if (!Array.isArray(value)) throw new FalkorError('answer', 'A list was expected.');
  return value;
}
