import type { StoreValue } from '../../domain/foundry/store-value.ts';
import type { StoreAnswer, StoreLimits } from '../../ports/query-store.ts';
import type { Cells, Session } from './session.ts';
import { readValue, typeName } from './values.ts';

/** Of a null, and of what a value takes beside its bytes. */
const VALUE_OVERHEAD_BYTES = 8;

/** Streams rows up to the limits. It does not wait for the rest: the end of the session stops the server. */
export async function runQuery(
  session: Session,
  query: string,
  { maxRows, maxBytes }: Pick<StoreLimits, 'maxRows' | 'maxBytes'>,
): Promise<StoreAnswer> {
  const columns = await session.columns(query);
  const rows: StoreValue[][] = [];
  let bytesLeft = maxBytes;
  let isFull = false;
  const full = Promise.withResolvers<true>();
  const read = (cells: Cells) => {
    if (isFull) return;
    bytesLeft -= cells.reduce((sum, cell) => sum + (cell?.length ?? 0) + VALUE_OVERHEAD_BYTES, 0);
    isFull = rows.length === maxRows || bytesLeft < 0;
    if (isFull) full.resolve(true);
    else rows.push(cells.map((cell, n) => readValue(cell, columns[n]?.oid ?? 0)));
  };
  const streaming = session.stream(query, read);
  streaming.catch(() => {});
  const truncated = await Promise.race([streaming.then(() => false), full.promise]);
  return { columns: columns.map(({ name, oid }) => ({ name, type: typeName(oid) })), rows, truncated };
}
