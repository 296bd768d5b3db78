import { COPY_NULL, copyFieldOf, textOfField } from '../domain/copy-text.ts';
import type { LakeType } from '../domain/lake-type.ts';
import { AppError } from '../errors.ts';
import type { ExpressionEngine } from '../ports/expressions.ts';
import { type FieldFits, fieldFits } from './pass-through.ts';
import {
  type RejectedRow,
  type RowTransformer,
  type RowTransformerOptions,
  type TransformColumn,
  transformColumn,
} from './row-transformer.ts';

/** A field of COPY's text format, or the reason there is none. */
type Answer = string | { error: string };

interface FieldColumn {
  /** Works out what `answer` will be asked for. */
  prepare(batch: readonly (readonly string[])[]): Promise<void>;
  answer(field: string): Answer;
}

const NEVER: FieldFits = () => false;
/** Answers kept from batch to batch: sources repeat themselves. */
const MAX_KNOWN = 20_000;

/**
 * The same as createRowTransformer, from fields of COPY's text format to such fields. A field that is right as it stands is only passed
 * on, and of those that repeat each is transformed once: expressions have no memory and no clock.
 */
export function createFieldTransformer({
  columns,
  engine,
}: RowTransformerOptions): RowTransformer<string, string> {
  const fieldColumns = columns.map((column, place) => createFieldColumn(column, place, engine));
  return {
    async transform(batch) {
      await Promise.all(fieldColumns.map((column) => column.prepare(batch)));
      const rows: { index: number; values: string[] }[] = [];
      const rejected: RejectedRow[] = [];
      for (let index = 0; index < batch.length; index++) {
        const values = new Array<string>(columns.length);
        const failure = fill(values, batch[index] ?? [], fieldColumns);
        if (failure === null) rows.push({ index, values });
        else rejected.push(rejection(columns[failure.place], index, failure.error));
      }
      return { rows, rejected };
    },
  };
}

function fill(values: string[], row: readonly string[], columns: readonly FieldColumn[]) {
  for (let place = 0; place < columns.length; place++) {
    const answer = columns[place]?.answer(row[place] ?? COPY_NULL) ?? COPY_NULL;
    if (typeof answer !== 'string') return { place, error: answer.error };
    values[place] = answer;
  }
  return null;
}

function createFieldColumn(column: TransformColumn, place: number, engine: ExpressionEngine): FieldColumn {
  const fits =
    column.transformFn === null ? (fieldFits(column.stagingType, column.targetType) ?? NEVER) : NEVER;
  const known = new Map<string, Answer>();
  return {
    async prepare(batch) {
      if (known.size > MAX_KNOWN) known.clear();
      const wanted = new Set<string>();
      for (const row of batch) {
        const field = row[place] ?? COPY_NULL;
        if (!fits(field) && !known.has(field)) wanted.add(field);
      }
      if (wanted.size === 0) return;
      const fields = [...wanted];
      const cells = await transformColumn(column, fields.map(textOfField), engine);
      fields.forEach((field, n) => {
        known.set(field, answerOf(cells[n], column.targetType));
      });
    },
    answer: (field) => (fits(field) ? field : (known.get(field) ?? { error: 'no value' })),
  };
}

function answerOf(
  cell: Awaited<ReturnType<typeof transformColumn>>[number] | undefined,
  type: LakeType,
): Answer {
  if (!cell) return { error: 'no value' };
  if ('error' in cell) return cell;
  try {
    return copyFieldOf(cell.value, type);
  } catch (error) {
    if (error instanceof AppError) return { error: error.message };
    throw error;
  }
}

function rejection(column: TransformColumn | undefined, index: number, error: string): RejectedRow {
  return { index, column: column?.targetColumn ?? '', expression: column?.transformFn ?? null, error };
}
