import { promisify } from 'node:util';
import { constants, zstdCompress, zstdCompressSync } from 'node:zlib';

const zstd = promisify(zstdCompress);
/** The fastest: staged files are read once. */
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** So many pages wait in memory or are being compressed on Node's own threads. */
const MAX_UNDER_WAY = 8;

/** Below it the way to another thread and back takes longer than the work. */
const SMALL_BYTES = 32 * 1024;

/** Compresses pages, large ones beside the event loop. */
export interface Compressor {
  compress(raw: Buffer): Promise<Buffer>;
  /** Resolves when there is room for more. */
  room(): Promise<void>;
}

export function createCompressor(): Compressor {
  const underWay = new Set<Promise<void>>();
  return {
    async compress(raw) {
      if (raw.length < SMALL_BYTES) return zstdCompressSync(raw, LEVEL);
      const compressed = zstd(raw, LEVEL);
      const done: Promise<void> = compressed.then(
        () => void underWay.delete(done),
        () => void underWay.delete(done),
      );
      underWay.add(done);
      return compressed;
    },
    async room() {
      while (underWay.size >= MAX_UNDER_WAY) await Promise.race(underWay);
    },
  };
}
