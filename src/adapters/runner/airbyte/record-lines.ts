import { streamName } from './protocol.ts';
import { cutByShape, cutRecord, type RecordShape } from './record-shape.ts';
import type { SourceRead } from './source-read.ts';
import type { StreamProgress } from './stream-progress.ts';

/** RECORD lines, made Singer's; most of them without being parsed. */
export interface RecordLines {
  /** The line of `text` from `start` to `end` if it looks like one before; null: it has to be read. */
  known(text: string, start: number, end: number): string | null;
  /** A line that is a RECORD message. */
  take(line: string): string;
}

/** Shapes that are looked for, the latest first. */
const MOST_SHAPES = 4;

export function createRecordLines(read: SourceRead): RecordLines {
  const hasNamespaces = read.all().some(({ stream }) => stream.descriptor.namespace !== null);
  let shapes: { shape: RecordShape; to: StreamProgress }[] = [];

  /** A namespace that comes and goes would hide between a shape's texts. */
  function learn(shape: RecordShape, to: StreamProgress): void {
    if (hasNamespaces && shape.stream.namespace === null) return;
    shapes = [{ shape, to }, ...shapes].slice(0, MOST_SHAPES);
  }

  return {
    known(text, start, end) {
      for (const { shape, to } of shapes) {
        const cut = cutByShape(shape, text, start, end);
        if (cut) return read.isBroken() ? '' : to.record(text, cut);
      }
      return null;
    },
    take(line) {
      const cut = cutRecord(line);
      if (cut === null) {
        read.breakOff('a RECORD message names no stream or has no data');
        return '';
      }
      const name = streamName(cut.stream);
      const to = read.find(name);
      if (!to) {
        read.tellOnce(`[WARN] Rows of stream "${name}", which was not asked for, are left out.`);
        return '';
      }
      if (read.isBroken()) return '';
      if (cut.shape) learn(cut.shape, to);
      return to.schema() + to.record(line, cut);
    },
  };
}
