import { parseExpression } from './parse.ts';
import type { Translated } from './scope.ts';
import { translateExpression } from './translate.ts';

/**
 * Parses and checks a `transform_fn` without running it, and gives what the engine is to run.
 * Throws InvalidError `expression.too_long | .control_character | .too_deep | .syntax | .name_not_allowed | .attribute_not_allowed |
 * .construct_not_supported`; the message names the construct and its column.
 */
export function checkExpression(text: string): Translated {
  return translateExpression(parseExpression(text.trim()));
}
