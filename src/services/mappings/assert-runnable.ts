import type { LakeType } from '../../domain/lake-type.ts';
import { AppError, InvalidError, messageOf } from '../../errors.ts';
import type { ExpressionEngine, ExpressionResult } from '../../ports/expressions.ts';
import { castToLake } from '../../transform/cast.ts';
import { printPyJson } from '../../transform/py-json.ts';

/** What any column may hold: an expression that can run at all runs on one of them, or fails on it for its own reason. */
const HARMLESS = [null, '', 'text', 0n, 1n, 1.5] as const;

const LIMIT_ERROR =
  /^(MemoryError|TimeoutError|OverflowError|RecursionError|RuntimeError: the value was given up)/;

/**
 * Refuses what no value can get through: `9**9**9`, `'a' * 10**10`. A TypeError or ValueError on these values is no refusal.
 * Throws InvalidError `expression.*` when the sandbox refuses the text, `expression.exceeds_limits` when every value exceeds a limit;
 * UnavailableError when the engine cannot answer.
 */
export async function assertRunnable(expressions: ExpressionEngine, expression: string): Promise<void> {
  expressions.check(expression);
  let last = '';
  for (const value of HARMLESS) {
    const [result] = await expressions.evaluate(expression, [value]);
    if (!exceedsLimit(result)) return;
    last = result.error;
  }
  throw new InvalidError('expression.exceeds_limits', `it cannot run for any value (${last})`);
}

/**
 * Refuses a transform that answers the same whatever it gets, if that does not fit the column. Throws InvalidError `expression.never_fits`;
 * UnavailableError when the engine cannot answer.
 */
export async function assertCanFit(
  expressions: ExpressionEngine,
  expression: string,
  type: LakeType,
): Promise<void> {
  const results = await expressions.evaluate(expression, HARMLESS);
  const answers = results.flatMap((result) => (result.ok ? [result.value] : []));
  const [answer = null] = answers;
  const isConstant =
    answers.length === HARMLESS.length && new Set(answers.map((each) => printPyJson(each))).size === 1;
  if (!isConstant) return;
  try {
    castToLake(answer, type);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new InvalidError('expression.never_fits', `it always answers the same, and ${messageOf(error)}`);
  }
}

function exceedsLimit(result: ExpressionResult | undefined): result is { ok: false; error: string } {
  return result?.ok === false && LIMIT_ERROR.test(result.error);
}
