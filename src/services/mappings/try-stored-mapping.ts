import type { Ctx } from '../../context.ts';
import type { Connector } from '../../db/queries/connectors.ts';
import { type FieldMapping, listFieldMappings } from '../../db/queries/field-mappings.ts';
import { readStagedSamples } from '../../db/queries/staged-samples.ts';
import type { TransformExample } from '../../domain/mapping.ts';
import { AppError, messageOf } from '../../errors.ts';
import { soleKeyOf } from './sole-key.ts';
import { neighboursOf, warningsAround } from './surroundings.ts';
import { tryMapping } from './try-mapping.ts';

export interface MappingTrial {
  examples: TransformExample[];
  warnings: string[];
}

/** What a load would make of the rows staged last if the mapping were so. Throws UnavailableError when the sandbox cannot answer. */
export async function tryStoredMapping(
  ctx: Ctx,
  connector: Connector,
  mapping: FieldMapping,
): Promise<MappingTrial> {
  const { sourceStream, sourceField, targetTable } = mapping;
  const stored = await listFieldMappings(ctx.database.db, ctx.tenantId, connector.id);
  const all = stored.map((each) => (each.id === mapping.id ? mapping : each));
  const own = all.filter((each) => each.sourceStream === sourceStream && each.targetTable === targetTable);
  const staged = await readStagedSamples(ctx.database.sql, {
    stagingSchema: connector.stagingSchema,
    stream: sourceStream,
    fields: own.map((each) => each.sourceField),
  });
  const isSoleKey = soleKeyOf(own, staged) === mapping.targetColumn;
  try {
    const trial = await tryMapping(
      ctx.expressions,
      { ...mapping, isSoleKey },
      staged.fields.get(sourceField),
    );
    const neighbours = await neighboursOf(ctx.database.db, { all, connector }, targetTable);
    const around = warningsAround(mapping, own, { all, connector, staged, neighbours })(mapping);
    return { examples: trial.examples, warnings: [...trial.warnings, ...around] };
  } catch (error) {
    if (!(error instanceof AppError) || error.retry === 'transient') throw error;
    return { examples: [], warnings: [`The mapping cannot be loaded: ${messageOf(error)}`] };
  }
}
