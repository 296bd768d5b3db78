import type { FieldProfile } from '../domain/mapping.ts';
import { toBoolean } from './transforms/to-boolean.ts';
import { toNested } from './transforms/to-nested.ts';
import { toNumber } from './transforms/to-number.ts';
import { toText } from './transforms/to-text.ts';
import { toTime } from './transforms/to-time.ts';
import { NOTHING, type TransformProposal } from './transforms/transform-proposal.ts';
import { type SourceColumn, valuesOf } from './transforms/values.ts';
import { typeFamily } from './type-families.ts';

export { PATTERNS } from './transforms/transform-proposal.ts';

/**
 * What a value of the source needs to become one of the target, judged by types, sample values and names. `samples` of the source are
 * staged values, nulls among them; the expression is Python over `v` as it leaves staging (docs/expressions.md).
 */
export function proposeTransform(
  source: SourceColumn,
  target: FieldProfile & { name: string },
): TransformProposal {
  const values = valuesOf(source);
  switch (typeFamily(target.type)) {
    case 'time':
      return toTime(values, source, target);
    case 'number':
      return toNumber(values, source, target);
    case 'boolean':
      return toBoolean(values);
    case 'text':
      return toText(values, target);
    case 'nested':
      return toNested(values);
    default:
      return NOTHING;
  }
}
