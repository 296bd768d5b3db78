import type { LakeType, LakeValue } from '../../../../domain/lake-type.ts';
import type { Compressor } from './compressor.ts';
import { type ChunkPlace, pageHeader } from './metadata.ts';
import { createPage, PAGE_ROWS, type Page, takeBody } from './page.ts';
import { type PutValue, putterOf } from './put-value.ts';

/** A page ends when its values take this many bytes. */
const PAGE_BYTES = 512 * 1024;

type Rows = readonly (readonly LakeValue[])[];

/** The values of one column in one row group. */
export interface ColumnChunk {
  /**
   * Takes the column's values of the rows from `from` up to `to`. Answers how many bytes they are before compression. Throws InvalidError and
   * is of no use afterwards.
   */
  append(rows: Rows, from: number, to: number): number;
  /** Writes what was taken, page by page, and begins anew. Answers what it wrote; `offset` is the caller's. */
  end(write: (bytes: Buffer) => Promise<void>): Promise<Omit<ChunkPlace, 'offset'>>;
}

interface StoredPage {
  rows: number;
  rawBytes: number;
  body: Promise<Buffer>;
}

/** `at`: where the column is in a row. */
export function createColumnChunk(type: LakeType, at: number, compressor: Compressor): ColumnChunk {
  const put = putterOf(type);
  const page = createPage();
  let pages: StoredPage[] = [];

  function endPage() {
    const { rows } = page;
    const raw = takeBody(page);
    const body = compressor.compress(raw);
    // what fails is thrown where the page is written
    body.catch(() => {});
    pages.push({ rows, rawBytes: raw.length, body });
  }

  async function end(write: (bytes: Buffer) => Promise<void>) {
    if (page.rows > 0) endPage();
    const size = { rawBytes: 0, storedBytes: 0 };
    for (const { rows, rawBytes, body } of pages) {
      const stored = await body;
      const header = pageHeader({ rows, rawBytes, storedBytes: stored.length });
      await write(header);
      await write(stored);
      size.rawBytes += header.length + rawBytes;
      size.storedBytes += header.length + stored.length;
    }
    pages = [];
    return size;
  }

  return {
    append(rows, from, to) {
      let size = 0;
      for (let n = from; n < to; n++) {
        const before = page.length;
        putRow(page, put, rows[n]?.[at]);
        size += page.length - before;
        if (page.length >= PAGE_BYTES || page.rows === PAGE_ROWS) endPage();
      }
      return size;
    },
    end,
  };
}

function putRow(page: Page, put: PutValue, value: LakeValue | undefined): void {
  if (value === undefined) throw new Error('a row has fewer values than there are columns');
  if (value !== null) {
    put(page, value);
    const at = page.rows >> 3;
    page.present[at] = (page.present[at] ?? 0) | (1 << (page.rows & 7));
    page.values++;
  }
  page.rows++;
}
