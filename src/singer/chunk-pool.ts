/** Buffers of one size that are used again and again, so that a long load makes no garbage of its encoded rows. */
export interface ChunkPool {
  take(): Buffer;
  /** The buffer must not be read any more. */
  giveBack(buffers: readonly Buffer[]): void;
}

export const CHUNK_BYTES = 128 * 1024;

export function createChunkPool(): ChunkPool {
  const free: Buffer[] = [];
  return {
    take: () => free.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES),
    giveBack: (buffers) => void free.push(...buffers),
  };
}
