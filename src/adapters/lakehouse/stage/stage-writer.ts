import type { LakeValue } from '../../../domain/lake-type.ts';
import type { LakeColumn } from '../../../ports/lakehouse.ts';
import { createParquetFile, type ParquetFile } from './parquet/parquet-file.ts';
import type { PartSink, PartStore } from './part-store.ts';
import { partPath } from './stage-paths.ts';

/**
 * Rows of one batch on their way into Parquet files. One call at a time, but for discard().
 * A write that failed leaves the writer good for discard() alone.
 */
export interface StageWriter {
  /**
   * Values in the order of the columns. Resolves when there is room for more. Throws InvalidError `lakehouse.value_refused` (a text with
   * NUL or half a character) and `lakehouse.refused` (a value its column's type cannot hold).
   */
  write(rows: readonly (readonly LakeValue[])[]): Promise<void>;
  /** The files, as Spark reads them; none where there were no rows. Twice: the same answer. */
  finish(): Promise<{ urls: string[]; rows: number }>;
  /** Removes every file, also after finish and in the middle of a write, which then may fail. Safe twice. */
  discard(): Promise<void>;
}

/** A part ends at the first of these; Spark reads several at once. */
export interface PartLimits {
  rows: number;
  sizeBytes: number;
}

interface OpenPart {
  path: string;
  file: ParquetFile;
  sink: PartSink;
}

/** Writes rows into parts of bounded size under `attempt`. */
export function createStageWriter(
  store: PartStore,
  attempt: string,
  columns: readonly LakeColumn[],
  limits: PartLimits,
): StageWriter {
  const types = columns.map(({ type }) => type);
  const done: string[] = [];
  let rowsDone = 0;
  let part: OpenPart | null = null;
  let underWay: Promise<void> = Promise.resolve();
  let state: 'writing' | 'broken' | 'finished' | 'discarded' = 'writing';

  async function openPart(): Promise<OpenPart> {
    const path = partPath(attempt, done.length);
    const sink = await store.create(path);
    return { path, sink, file: createParquetFile(types, sink.write) };
  }

  async function endPart({ path, file, sink }: OpenPart) {
    await file.finish();
    await sink.close();
    done.push(path);
    rowsDone += file.rows();
    part = null;
  }

  async function append(rows: readonly (readonly LakeValue[])[]) {
    for (let from = 0; from < rows.length && state !== 'discarded'; ) {
      part ??= await openPart();
      const to = Math.min(rows.length, from + limits.rows - part.file.rows());
      await part.file.append(from === 0 && to === rows.length ? rows : rows.slice(from, to));
      from = to;
      if (part.file.rows() >= limits.rows || part.file.sizeBytes() >= limits.sizeBytes) await endPart(part);
    }
  }

  /** What failed half-way is of no further use. */
  async function whileWriting(work: () => Promise<void>) {
    if (state !== 'writing') throw new Error(`a stage that is ${state} takes no rows`);
    state = 'broken';
    underWay = work();
    await underWay;
    if (state === 'broken') state = 'writing';
  }

  async function finish() {
    if (part) await endPart(part);
  }

  return {
    write: (rows) => whileWriting(() => append(rows)),
    async finish() {
      if (state !== 'finished') {
        await whileWriting(finish);
        if (state !== 'writing') throw new Error(`a stage that is ${state} has no files`);
        state = 'finished';
      }
      return { urls: done.map(store.urlOf), rows: rowsDone };
    },
    async discard() {
      state = 'discarded';
      await part?.sink.abort();
      // its failure is told to whoever waits for it
      await underWay.catch(() => {});
      await part?.sink.abort();
      part = null;
      await store.removeAttempt(attempt);
    },
  };
}
