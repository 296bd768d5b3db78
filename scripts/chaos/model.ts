import { createHash } from 'node:crypto';

/**
 * What a source holds: a history of changes that is the same each time it is read. Version v of a stream is its v-th change, from 1 on;
 * a bookmark is the last version that was read.
 */
export interface SourceSpec {
  /** In every row: a row found elsewhere is a foreign one. */
  owner: string;
  seed: number;
  streams: readonly StreamSpec[];
}

export interface StreamSpec {
  name: string;
  /** `log`: every version is a row of its own, without a key. `table`: a version changes the row of one of `keys` keys. */
  kind: 'log' | 'table';
  keys: number;
  deletes: boolean;
}

export interface SourceRow {
  owner: string;
  id: number;
  seq: number;
  amount: number;
  note: string;
}

export interface Change {
  row: SourceRow;
  deleted: boolean;
}

/** One in so many rows has the amount 0, which a mapped stream's transform refuses. */
const BAD_ONE_IN = 13;

export function changeAt({ owner, seed }: SourceSpec, stream: StreamSpec, version: number): Change {
  const drawn = draw(seed, stream.name, version);
  const id = stream.kind === 'log' ? version : 1 + (drawn[0] % stream.keys);
  // of a table all versions of one key are good or bad, so that what a load leaves does not depend on where runs were cut
  const amount = (stream.kind === 'log' ? drawn[1] : id) % BAD_ONE_IN;
  const deleted = stream.deletes && amount !== 0 && drawn[2] % 8 === 0;
  return { row: { owner, id, seq: version, amount, note: ` n${drawn[3] % 100_000} ` }, deleted };
}

export function isBad({ amount }: SourceRow): boolean {
  return amount === 0;
}

/** The changes after `from` up to `to`, in order. */
export function* changesBetween(
  source: SourceSpec,
  stream: StreamSpec,
  { from, to }: { from: number; to: number },
): Generator<Change> {
  for (let version = from + 1; version <= to; version++) yield changeAt(source, stream, version);
}

/** What a perfect copy of the stream holds at a version: by id, of a log by version. */
export function contentAt(source: SourceSpec, stream: StreamSpec, version: number): Map<number, SourceRow> {
  const rows = new Map<number, SourceRow>();
  for (const { row, deleted } of changesBetween(source, stream, { from: 0, to: version })) {
    if (deleted) rows.delete(row.id);
    else rows.set(row.id, row);
  }
  return rows;
}

function draw(seed: number, stream: string, version: number): [number, number, number, number] {
  const hash = createHash('md5').update(`${seed} ${stream} ${version}`).digest();
  return [hash.readUInt32LE(0), hash.readUInt32LE(4), hash.readUInt32LE(8), hash.readUInt32LE(12)];
}
