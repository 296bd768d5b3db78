import type { PgType } from './column-type.ts';
import { createKnownLines, type KnownLines } from './known-lines.ts';
import { type LaneStatements, laneStatements } from './merge-sql.ts';
import { singerError } from './refusal.ts';
import { type LoadStamp, rowMetadata } from './row-metadata.ts';
import { type RowText, type RowTextOptions, rowTextFor } from './row-text.ts';
import type { StagingTable } from './staging-table.ts';
import type { StreamPlan } from './stream-plan.ts';

/** What it takes to make rows of a lane, here or in another thread. */
export interface LaneDefinition {
  /** Another one for every lane of a load. */
  id: number;
  plan: StreamPlan;
  /** Of the table's columns, by name. */
  types: ReadonlyMap<string, PgType>;
  stamp: LoadStamp;
  validate: boolean;
}

/** One shape of one stream on its way into one table. A new SCHEMA or a widened column makes a new lane. */
export interface Lane {
  definition: LaneDefinition;
  plan: StreamPlan;
  target: StagingTable;
  rowText: RowText;
  lines: KnownLines;
  statements: LaneStatements;
}

/** `line`: where the schema came. Throws InvalidError `singer.invalid_schema` when it cannot be compiled. */
export function createLane(
  definition: LaneDefinition,
  target: StagingTable,
  line: number,
  onUnknownField: RowTextOptions['onUnknownField'],
): Lane {
  const { id, plan, types, stamp } = definition;
  try {
    return {
      definition,
      plan,
      target,
      rowText: rowTextOf(definition, onUnknownField),
      lines: createKnownLines(plan, types, rowMetadata(plan, stamp)),
      statements: laneStatements(plan, target, {
        bufferName: `ivory_buffer_${id}`,
        withLoadId: stamp.loadId !== null,
      }),
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const place = { line, stream: plan.stream };
    throw singerError('singer.invalid_schema', place, `the schema makes no sense: ${reason}.`, cause);
  }
}

/** `onUnknownField`: told once per field that the schema does not name. */
export function rowTextOf(
  { plan, types, stamp, validate }: LaneDefinition,
  onUnknownField: RowTextOptions['onUnknownField'],
): RowText {
  return rowTextFor(plan, types, rowMetadata(plan, stamp), { validate, onUnknownField });
}
