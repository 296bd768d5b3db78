import type { Compressor } from './compressor.ts';
import { type ChunkSize, pageHeader } from './metadata.ts';

/** The finished pages of one column chunk, compressed or on their way to be. */
export interface StoredPages {
  /** `entries`: its values and nulls. */
  add(raw: Buffer, entries: number): void;
  /** Writes the pages in order and begins anew. */
  end(write: (bytes: Buffer) => Promise<void>): Promise<ChunkSize>;
}

interface StoredPage {
  entries: number;
  rawBytes: number;
  body: Promise<Buffer>;
}

export function createStoredPages(compressor: Compressor): StoredPages {
  let pages: StoredPage[] = [];
  return {
    add(raw, entries) {
      const body = compressor.compress(raw);
      // what fails is thrown where the page is written
      body.catch(() => {});
      pages.push({ entries, rawBytes: raw.length, body });
    },
    async end(write) {
      const size: ChunkSize = { rawBytes: 0, storedBytes: 0, entries: 0 };
      for (const { entries, rawBytes, body } of pages) {
        const stored = await body;
        const header = pageHeader({ entries, rawBytes, storedBytes: stored.length });
        await write(header);
        await write(stored);
        size.rawBytes += header.length + rawBytes;
        size.storedBytes += header.length + stored.length;
        size.entries += entries;
      }
      pages = [];
      return size;
    },
  };
}
