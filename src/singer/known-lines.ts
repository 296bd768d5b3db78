import type { PgType } from './column-type.ts';
import { type LineTemplate, learnTemplate } from './line-template.ts';
import type { RowMetadata } from './row-metadata.ts';
import type { StreamPlan } from './stream-plan.ts';

/** Rows of lines that look like one seen before, made several times faster than by parsing them. */
export interface KnownLines {
  /** The COPY row of the line that begins here and where it ends; null: take the long way. */
  rowAt(text: string, start: number, batchedAtMs: number): { row: string; end: number } | null;
  /** A line that went the long way and was good. */
  learn(line: string): void;
}

/** A stream whose lines keep changing shape is not learned for ever. */
const FREE_LESSONS = 8;
const HITS_A_LESSON = 50;

export function createKnownLines(
  plan: StreamPlan,
  types: ReadonlyMap<string, PgType>,
  metadata: RowMetadata,
): KnownLines {
  let template: LineTemplate | null = null;
  let lessons = 0;
  let hits = 0;
  return {
    rowAt(text, start, batchedAtMs) {
      const found = template?.match(text, start);
      if (!found) return null;
      hits += 1;
      return { row: `${found.row}${metadata(found, batchedAtMs)}\n`, end: found.end };
    },
    learn(line) {
      if (lessons > FREE_LESSONS + hits / HITS_A_LESSON) return;
      lessons += 1;
      template = learnTemplate(line, plan, types) ?? template;
    },
  };
}
