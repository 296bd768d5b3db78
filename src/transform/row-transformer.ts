import type { LakeType, LakeValue } from '../domain/lake-type.ts';
import { AppError, messageOf } from '../errors.ts';
import type { ExpressionEngine, PyValue } from '../ports/expressions.ts';
import { castToLake } from './cast.ts';
import { isJsonText, stagedToCastable, stagedToPython } from './staged-value.ts';

/** One row of a staging table: the text of each column (`column::text`), null for NULL, in the order of the transformer's columns. */
export type StagedRow = readonly (string | null)[];

export interface TransformColumn {
  sourceColumn: string;
  /** data_type of information_schema.columns */
  stagingType: string;
  targetColumn: string;
  targetType: LakeType;
  transformFn: string | null;
}

export interface RejectedRow {
  /** Place of the row in the batch. */
  index: number;
  /** The target column at which the row failed first, in the order of the columns. */
  column: string;
  expression: string | null;
  error: string;
}

export interface TransformedBatch<Value> {
  /** Values in the order of the columns; rows in the order of the batch. */
  rows: { index: number; values: Value[] }[];
  rejected: RejectedRow[];
}

/** Rows of `Staged` to rows of `Value`, both in the order of the columns. */
export interface RowTransformer<Staged, Value> {
  /** Throws only what the engine throws: it is closed, or an expression is refused. A bad row is in `rejected`. */
  transform(batch: readonly (readonly Staged[])[]): Promise<TransformedBatch<Value>>;
}

export interface RowTransformerOptions {
  columns: readonly TransformColumn[];
  engine: ExpressionEngine;
}

/** One value of a column after its transform and cast, or the reason there is none. */
type Cell = { value: LakeValue } | { error: string };

/** Maps staged rows to lakehouse rows column by column: one call of the engine per column with an expression and batch. */
export function createRowTransformer({
  columns,
  engine,
}: RowTransformerOptions): RowTransformer<string | null, LakeValue> {
  return {
    async transform(batch) {
      const cells = await Promise.all(
        columns.map((column, i) => transformColumn(column, textsOf(batch, i), engine)),
      );
      return assemble(columns, cells, batch.length);
    },
  };
}

function textsOf(batch: readonly StagedRow[], column: number): (string | null)[] {
  return batch.map((row) => row[column] ?? null);
}

/** One cell a text, in order. */
export async function transformColumn(
  column: TransformColumn,
  texts: readonly (string | null)[],
  engine: ExpressionEngine,
): Promise<Cell[]> {
  const { transformFn, stagingType, targetType, targetColumn } = column;
  if (transformFn !== null) return evaluateColumn(transformFn, column, texts, engine);
  if (isJsonText(stagingType) && targetType.kind === 'json') return texts.map((value) => ({ value }));
  return texts.map((text) =>
    cell(() => castToLake(stagedToCastable(text, stagingType), targetType, targetColumn)),
  );
}

async function evaluateColumn(
  expression: string,
  { stagingType, targetType, targetColumn }: TransformColumn,
  texts: readonly (string | null)[],
  engine: ExpressionEngine,
): Promise<Cell[]> {
  const inputs = texts.map((text) => input(text, stagingType));
  const results = await engine.evaluate(
    expression,
    inputs.map((given) => ('error' in given ? null : given.value)),
  );
  return results.map((result, i) => {
    const given = inputs[i];
    if (given && 'error' in given) return given;
    return result.ok
      ? cell(() => castToLake(result.value, targetType, targetColumn))
      : { error: result.error };
  });
}

function input(text: string | null, stagingType: string): { value: PyValue } | { error: string } {
  try {
    return { value: stagedToPython(text, stagingType) };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

function cell(make: () => LakeValue): Cell {
  try {
    return { value: make() };
  } catch (error) {
    if (error instanceof AppError || error instanceof SyntaxError) return { error: error.message };
    throw error;
  }
}

function assemble(
  columns: readonly TransformColumn[],
  cells: readonly Cell[][],
  count: number,
): TransformedBatch<LakeValue> {
  const answer: TransformedBatch<LakeValue> = { rows: [], rejected: [] };
  for (let index = 0; index < count; index++) {
    const values: LakeValue[] = [];
    const failure = columns.findIndex((_, i) => {
      const found = cells[i]?.[index] ?? { error: 'no value' };
      if ('error' in found) return true;
      values.push(found.value);
      return false;
    });
    const column = columns[failure];
    if (!column) answer.rows.push({ index, values });
    else answer.rejected.push(rejection(column, cells[failure]?.[index], index));
  }
  return answer;
}

function rejection(column: TransformColumn, found: Cell | undefined, index: number): RejectedRow {
  const error = found && 'error' in found ? found.error : 'no value';
  return { index, column: column.targetColumn, expression: column.transformFn, error };
}
