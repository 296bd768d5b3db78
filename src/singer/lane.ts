import { type LaneStatements, laneStatements } from './merge-sql.ts';
import { singerError } from './refusal.ts';
import { type RowText, type RowTextOptions, rowTextFor } from './row-text.ts';
import type { StagingTable } from './staging-table.ts';
import type { StreamPlan } from './stream-plan.ts';

/** One shape of one stream on its way into one table. A new SCHEMA or a widened column makes a new lane. */
export interface Lane {
  plan: StreamPlan;
  target: StagingTable;
  rowText: RowText;
  statements: LaneStatements;
}

/** Throws InvalidError `singer.invalid_schema` when the schema cannot be compiled. */
export function createLane(
  plan: StreamPlan,
  target: StagingTable,
  place: { bufferName: string; line: number },
  options: RowTextOptions,
): Lane {
  return {
    plan,
    target,
    rowText: compile(plan, target, place.line, options),
    statements: laneStatements(plan, target, place.bufferName),
  };
}

function compile(plan: StreamPlan, target: StagingTable, line: number, options: RowTextOptions): RowText {
  try {
    return rowTextFor(plan, target.types, options);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw singerError(
      'singer.invalid_schema',
      { line, stream: plan.stream },
      `the schema makes no sense: ${reason}.`,
      cause,
    );
  }
}
