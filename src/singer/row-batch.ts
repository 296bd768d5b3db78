import type { Lane } from './lane.ts';

const CHUNK_CHARACTERS = 128 * 1024;

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
  readonly sizeBytes: number;
  readonly rows: number;
  /** The latest STATE all of whose earlier rows are in this batch or before it. */
  state: string | null;
  /** Returns the number of rows of this lane now waiting. */
  add(lane: Lane, row: string, line: number, sourceBytes: number): number;
  parts(): LanePart[];
}

export function createRowBatch(): RowBatch {
  const open = new Map<Lane, { part: LanePart; text: string }>();
  let sizeBytes = 0;
  let rows = 0;

  function entryOf(lane: Lane) {
    const found = open.get(lane);
    if (found) return found;
    const made = { part: { lane, chunks: [], lines: [], sourceBytes: 0 } satisfies LanePart, text: '' };
    open.set(lane, made);
    return made;
  }

  return {
    get sizeBytes() {
      return sizeBytes;
    },
    get rows() {
      return rows;
    },
    state: null,
    add(lane, row, line, sourceBytes) {
      const entry: { part: LanePart; text: string } = entryOf(lane);
      entry.text += row;
      entry.part.lines.push(line);
      entry.part.sourceBytes += sourceBytes;
      sizeBytes += row.length;
      rows += 1;
      if (entry.text.length >= CHUNK_CHARACTERS) seal(entry);
      return entry.part.lines.length;
    },
    parts: () => [...open.values()].map((entry) => seal(entry)),
  };
}

function seal(entry: { part: LanePart; text: string }): LanePart {
  if (entry.text !== '') entry.part.chunks.push(Buffer.from(entry.text));
  entry.text = '';
  return entry.part;
}

/** Takes one row out of a part and returns its input line. Rows are separated by the only bare newlines in COPY text. */
export function removeRow(part: LanePart, index: number): number {
  const all = Buffer.concat(part.chunks);
  let start = 0;
  for (let row = 0; row < index; row += 1) start = all.indexOf(10, start) + 1;
  const end = all.indexOf(10, start) + 1;
  part.chunks = [all.subarray(0, start), all.subarray(end)].filter((chunk) => chunk.length > 0);
  return part.lines.splice(index, 1)[0] ?? 0;
}
