import type { ScalarLakeType } from '../../../../domain/lake-type.ts';
import { type Chunk, PAGE_BYTES } from './column-chunk.ts';
import type { Compressor } from './compressor.ts';
import { createLevels } from './levels.ts';
import { createValues, PAGE_ROWS } from './page.ts';
import { type PresentValue, putterOf } from './put-value.ts';
import { createStoredPages } from './stored-pages.ts';

/** The scalars of one place within a nested column. */
export interface LeafChunk extends Chunk {
  /**
   * A value, or nothing: then `definition` says how far the way to it exists. `repetition` says which of the lists around it goes on; 0 begins
   * a row. Throws InvalidError.
   */
  put(repetition: number, definition: number, value: PresentValue | null): void;
  /** Ends a page that is full: for between two rows. Answers how many bytes came since the last time. */
  endRows(): number;
}

export interface LeafShape {
  type: ScalarLakeType;
  maxRepetition: number;
  maxDefinition: number;
}

export function createLeafChunk({ type, ...max }: LeafShape, compressor: Compressor): LeafChunk {
  const put = putterOf(type);
  const values = createValues();
  const repetitions = createLevels(max.maxRepetition);
  const definitions = createLevels(max.maxDefinition);
  const pages = createStoredPages(compressor);
  let entries = 0;
  let told = 0;

  function endPage() {
    const body = Buffer.concat([
      repetitions.take(),
      definitions.take(),
      values.bytes.subarray(0, values.length),
    ]);
    pages.add(body, entries);
    values.length = 0;
    values.values = 0;
    entries = 0;
    told = 0;
  }

  return {
    put(repetition, definition, value) {
      if (value !== null) {
        put(values, value);
        values.values++;
      }
      repetitions.add(repetition);
      definitions.add(definition);
      entries++;
    },
    endRows() {
      const size = values.length + entries;
      const added = size - told;
      told = size;
      if (values.length >= PAGE_BYTES || entries >= PAGE_ROWS) endPage();
      return added;
    },
    end(write) {
      if (entries > 0) endPage();
      return pages.end(write);
    },
  };
}
