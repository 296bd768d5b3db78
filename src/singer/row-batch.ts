import { CHUNK_BYTES, type ChunkPool } from './chunk-pool.ts';
import type { Lane } from './lane.ts';

/** Text is turned into bytes in pieces of about this size: short-lived strings are cheap, long ropes are not. */
const PIECE_CHARACTERS = 8 * 1024;
const MAX_UTF8_BYTES = 3;

/** Encoded rows of one lane that wait for their transaction. */
export interface LanePart {
  lane: Lane;
  chunks: Buffer[];
  /** Input line of each row. */
  lines: number[];
  sourceBytes: number;
}

/** What one transaction will write: rows of any streams, and the last STATE that came after no other row. */
export interface RowBatch {
  /** Memory the rows take, encoded. */
  readonly sizeBytes: number;
  readonly rows: number;
  readonly startedAtMs: number;
  /** The latest STATE all of whose earlier rows are in this batch or before it. */
  state: string | null;
  /** Returns the number of rows of this lane now waiting. */
  add(lane: Lane, row: string | Uint8Array<ArrayBuffer>, line: number, sourceBytes: number): number;
  parts(): LanePart[];
  /** Gives the memory of all parts back: they are written. */
  release(): void;
}

interface Entry {
  part: LanePart;
  text: string;
  open: Buffer | null;
  used: number;
}

export function createRowBatch(pool: ChunkPool): RowBatch {
  const entries = new Map<Lane, Entry>();
  const taken: Buffer[] = [];
  let sizeBytes = 0;
  let rows = 0;

  function entryOf(lane: Lane): Entry {
    const found = entries.get(lane);
    if (found) return found;
    const made: Entry = {
      part: { lane, chunks: [], lines: [], sourceBytes: 0 },
      text: '',
      open: null,
      used: 0,
    };
    entries.set(lane, made);
    return made;
  }

  function encode(entry: Entry): void {
    const most = entry.text.length * MAX_UTF8_BYTES;
    if (entry.open === null || most > CHUNK_BYTES - entry.used) {
      seal(entry);
      if (most > CHUNK_BYTES) entry.part.chunks.push(Buffer.from(entry.text));
      else entry.open = openChunk();
    }
    if (entry.open) entry.used += entry.open.write(entry.text, entry.used);
    entry.text = '';
  }

  function addEncoded(entry: Entry, row: Uint8Array<ArrayBuffer>): void {
    if (entry.text !== '') encode(entry);
    seal(entry);
    entry.part.chunks.push(Buffer.from(row.buffer, row.byteOffset, row.byteLength));
  }

  function openChunk(): Buffer {
    const chunk = pool.take();
    taken.push(chunk);
    return chunk;
  }

  return {
    get sizeBytes() {
      return Math.max(sizeBytes, taken.length * CHUNK_BYTES);
    },
    get rows() {
      return rows;
    },
    startedAtMs: Date.now(),
    state: null,
    add(lane, row, line, sourceBytes) {
      const entry = entryOf(lane);
      if (typeof row === 'string') entry.text += row;
      else addEncoded(entry, row);
      entry.part.lines.push(line);
      entry.part.sourceBytes += sourceBytes;
      sizeBytes += row.length;
      rows += 1;
      if (entry.text.length >= PIECE_CHARACTERS) encode(entry);
      return entry.part.lines.length;
    },
    parts() {
      for (const entry of entries.values()) {
        if (entry.open) encode(entry);
        seal(entry);
        if (entry.text !== '') entry.part.chunks.push(Buffer.from(entry.text));
        entry.text = '';
      }
      return [...entries.values()].map(({ part }) => part);
    },
    release: () => pool.giveBack(taken.splice(0)),
  };
}

function seal(entry: Entry): void {
  if (entry.open && entry.used > 0) entry.part.chunks.push(entry.open.subarray(0, entry.used));
  entry.open = null;
  entry.used = 0;
}

/** Takes one row out of a part and returns it. Rows are separated by the only bare newlines in COPY text. */
export function removeRow(part: LanePart, index: number): string {
  const all = Buffer.concat(part.chunks);
  let start = 0;
  for (let row = 0; row < index; row += 1) start = all.indexOf(10, start) + 1;
  const end = all.indexOf(10, start) + 1;
  part.chunks = [all.subarray(0, start), all.subarray(end)].filter((chunk) => chunk.length > 0);
  part.lines.splice(index, 1);
  return all.toString('utf8', start, end);
}
