import type { StagedField } from '../../db/queries/staged-samples.ts';
import { type LakeType, parseLakeType } from '../../domain/lake-type.ts';
import type { TransformExample } from '../../domain/mapping.ts';
import type { ExpressionEngine } from '../../ports/expressions.ts';
import { transformColumn } from '../../transform/row-transformer.ts';
import { pickExamples } from './pick-examples.ts';
import { sampleWarnings } from './sample-warnings.ts';
import type { TriedValue } from './tried-value.ts';
import { neverFitsAsIs, typeWarnings } from './type-warnings.ts';

export interface TriedMapping {
  sourceType: string;
  targetColumn: string;
  targetType: string;
  transformFn: string | null;
  /** Its column alone tells rows apart. */
  isSoleKey: boolean;
}

export interface Trial {
  examples: TransformExample[];
  warnings: string[];
  tried: number;
  rejected: number;
  /** No value gets into the column as it is: by its type, or by every value that was tried. */
  neverFits: boolean;
  /** Of the first value that would be rejected. */
  error: string | null;
}

/** Values that are slow are not all waited for. */
const PIECE = 25;
const ENOUGH_MS = 3_000;

/**
 * Does to the staged values what a load would: transform, then cast. Without staged values only the types tell something.
 * Throws InvalidError `expression.*` when the sandbox refuses the transform, UnavailableError when it cannot answer.
 */
export async function tryMapping(
  engine: ExpressionEngine,
  mapping: TriedMapping,
  staged: StagedField | undefined,
): Promise<Trial> {
  const type = parseLakeType(mapping.targetType);
  const run = (texts: readonly (string | null)[]) => runTexts(engine, { mapping, staged, type }, texts);
  const values = await runInPieces(run, staged?.texts ?? []);
  const [none] = mapping.transformFn === null ? [] : await run([null]);
  const rejected = values.filter(({ outcome }) => 'error' in outcome);
  const present = values.filter(({ input }) => input !== null);
  const [first] = rejected;
  const types = { ...mapping, stagingType: staged?.stagingType, type };
  return {
    examples: pickExamples(values),
    warnings: [
      ...sampleWarnings({ values, none, type, isSoleKey: mapping.isSoleKey }),
      ...typeWarnings({ ...types, hasSamples: values.length > 0 }),
    ],
    tried: values.length,
    rejected: rejected.length,
    neverFits:
      mapping.transformFn === null &&
      (neverFitsAsIs(types) || (present.length > 0 && rejected.length === present.length)),
    error: first && 'error' in first.outcome ? first.outcome.error : null,
  };
}

async function runTexts(
  engine: ExpressionEngine,
  { mapping, staged, type }: { mapping: TriedMapping; staged: StagedField | undefined; type: LakeType },
  texts: readonly (string | null)[],
): Promise<TriedValue[]> {
  const column = {
    sourceColumn: staged?.column ?? '',
    stagingType: staged?.stagingType ?? 'text',
    targetColumn: mapping.targetColumn,
    targetType: type,
    transformFn: mapping.transformFn,
  };
  const cells = await transformColumn(column, texts, engine);
  return cells.map((outcome, at) => ({ input: texts[at] ?? null, outcome }));
}

async function runInPieces(
  run: (texts: readonly (string | null)[]) => Promise<TriedValue[]>,
  texts: readonly (string | null)[],
): Promise<TriedValue[]> {
  const started = performance.now();
  const values: TriedValue[] = [];
  for (let at = 0; at < texts.length; at += PIECE) {
    if (performance.now() - started > ENOUGH_MS) break;
    values.push(...(await run(texts.slice(at, at + PIECE))));
  }
  return values;
}
