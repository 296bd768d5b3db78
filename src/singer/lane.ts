import { createKnownLines, type KnownLines } from './known-lines.ts';
import { type LaneStatements, laneStatements } from './merge-sql.ts';
import { singerError } from './refusal.ts';
import { type LoadStamp, rowMetadata } from './row-metadata.ts';
import { type RowText, type RowTextOptions, rowTextFor } from './row-text.ts';
import type { StagingTable } from './staging-table.ts';
import type { StreamPlan } from './stream-plan.ts';

/** One shape of one stream on its way into one table. A new SCHEMA or a widened column makes a new lane. */
export interface Lane {
  plan: StreamPlan;
  target: StagingTable;
  rowText: RowText;
  lines: KnownLines;
  statements: LaneStatements;
}

/** Throws InvalidError `singer.invalid_schema` when the schema cannot be compiled. */
export function createLane(
  plan: StreamPlan,
  target: StagingTable,
  { bufferName, line, stamp }: { bufferName: string; line: number; stamp: LoadStamp },
  options: RowTextOptions,
): Lane {
  try {
    const metadata = rowMetadata(plan, stamp);
    return {
      plan,
      target,
      rowText: rowTextFor(plan, target.types, metadata, options),
      lines: createKnownLines(plan, target.types, metadata),
      statements: laneStatements(plan, target, { bufferName, withLoadId: stamp.loadId !== null }),
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const place = { line, stream: plan.stream };
    throw singerError('singer.invalid_schema', place, `the schema makes no sense: ${reason}.`, cause);
  }
}
