import type { LakeValue, ScalarLakeType } from '../../../../domain/lake-type.ts';
import type { Compressor } from './compressor.ts';
import type { ChunkSize } from './metadata.ts';
import { createPage, PAGE_ROWS, type Page, takeBody } from './page.ts';
import { type PutValue, putterOf } from './put-value.ts';
import { createStoredPages } from './stored-pages.ts';

/** A page ends when its values take this many bytes. */
export const PAGE_BYTES = 512 * 1024;

type Rows = readonly (readonly LakeValue[])[];

/** The values of one column in one row group: one chunk, or one for each of the scalars within a nested type. */
export interface ColumnChunks {
  /**
   * Takes the column's values of the rows from `from` up to `to`. Answers how many bytes they are before compression. Throws InvalidError and
   * is of no use afterwards.
   */
  append(rows: Rows, from: number, to: number): number;
  chunks: readonly Chunk[];
}

export interface Chunk {
  /** Writes what was taken, page by page, and begins anew. */
  end(write: (bytes: Buffer) => Promise<void>): Promise<ChunkSize>;
}

/** `at`: where the column is in a row. */
export function createColumnChunk(type: ScalarLakeType, at: number, compressor: Compressor): ColumnChunks {
  const put = putterOf(type);
  const page = createPage();
  const pages = createStoredPages(compressor);

  function endPage() {
    const { rows } = page;
    pages.add(takeBody(page), rows);
  }

  return {
    append(rows, from, to) {
      let size = 0;
      for (let n = from; n < to; n++) {
        const before = page.length;
        putRow(page, put, valueAt(rows[n], at));
        size += page.length - before;
        if (page.length >= PAGE_BYTES || page.rows === PAGE_ROWS) endPage();
      }
      return size;
    },
    chunks: [
      {
        end(write) {
          if (page.rows > 0) endPage();
          return pages.end(write);
        },
      },
    ],
  };
}

export function valueAt(row: readonly LakeValue[] | undefined, at: number): LakeValue {
  const value = row?.[at];
  if (value === undefined) throw new Error('a row has fewer values than there are columns');
  return value;
}

function putRow(page: Page, put: PutValue, value: LakeValue): void {
  if (value !== null) {
    put(page, value);
    const at = page.rows >> 3;
    page.present[at] = (page.present[at] ?? 0) | (1 << (page.rows & 7));
    page.values++;
  }
  page.rows++;
}
