import type { Ctx } from '../../context.ts';
import type { LakeType } from '../../domain/lake-type.ts';
import { AppError, InvalidError, messageOf } from '../../errors.ts';
import { assertCanFit, assertRunnable } from './assert-runnable.ts';

/**
 * Refuses a transform the sandbox refuses, and one that cannot work for any value.
 * Throws InvalidError `mapping.transform_refused`, which names the construct and where in the expression it is; UnavailableError.
 */
export async function checkTransform(
  { expressions }: Ctx,
  expression: string,
  type: LakeType | null,
): Promise<void> {
  try {
    await assertRunnable(expressions, expression);
    if (type !== null) await assertCanFit(expressions, expression, type);
  } catch (error) {
    if (!(error instanceof AppError) || error.retry === 'transient') throw error;
    throw new InvalidError('mapping.transform_refused', `transform_fn is refused: ${messageOf(error)}`, {
      cause: error,
      errors: [{ field: 'transform_fn', message: messageOf(error) }],
    });
  }
}
