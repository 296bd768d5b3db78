import { COPY_NULL, textOfField } from '../../domain/copy-text.ts';
import type { LakeValue } from '../../domain/lake-type.ts';
import type { ExpressionEngine } from '../../ports/expressions.ts';
import { createFieldTransformer } from '../../transform/field-transformer.ts';
import { createRowTransformer } from '../../transform/row-transformer.ts';
import type { RowForm } from './load-rows.ts';

/** Rows as values, which every lakehouse takes. */
export function valueForm(engine: ExpressionEngine): RowForm<LakeValue> {
  return {
    none: null,
    transformer(columns) {
      const { transform } = createRowTransformer({ columns, engine });
      return { transform: (batch) => transform(batch.map((row) => row.map(textOfField))) };
    },
  };
}

/** Rows as fields of COPY's text format: what is right as it stands never becomes a value. */
export function fieldForm(engine: ExpressionEngine): RowForm<string> {
  return { none: COPY_NULL, transformer: (columns) => createFieldTransformer({ columns, engine }) };
}
