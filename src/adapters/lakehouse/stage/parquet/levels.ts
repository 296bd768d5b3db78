import { varint } from './page.ts';

/** Repetition or definition levels of a page in the making, as runs of equal ones. */
export interface Levels {
  add(level: number): void;
  /** The runs with their length before them; none where every level is 0 by the schema. Empty afterwards. */
  take(): Buffer;
}

/** `max`: the highest level there can be, below 256. */
export function createLevels(max: number): Levels {
  let runs = Buffer.alloc(64);
  let length = 0;
  let level = 0;
  let count = 0;

  function endRun() {
    if (count === 0) return;
    const run = [...varint(count * 2), level];
    if (runs.length - length < run.length) runs = Buffer.concat([runs.subarray(0, length)], runs.length * 2);
    for (const byte of run) runs[length++] = byte;
    count = 0;
  }

  return {
    add(next) {
      if (next !== level) endRun();
      level = next;
      count++;
    },
    take() {
      endRun();
      const size = Buffer.alloc(4);
      size.writeUInt32LE(length);
      const taken = max === 0 ? Buffer.alloc(0) : Buffer.concat([size, runs.subarray(0, length)]);
      length = 0;
      return taken;
    },
  };
}
