import { createMeter } from '../python/meter.ts';
import { createWorld, type World } from '../python/world.ts';
import { compileExpression, type Evaluate } from './compile.ts';
import { parseExpression } from './parse.ts';

/**
 * Parses and checks a `transform_fn` without running it. Throws InvalidError `expression.too_long | .control_character | .too_deep |
 * .syntax | .name_not_allowed | .attribute_not_allowed | .construct_not_supported`; the message names the construct and its column.
 */
export function checkExpression(text: string, world: World = nothingRuns()): Evaluate {
  return compileExpression(parseExpression(text.trim()), world);
}

/** Enough to check by; what runs brings its own limits. */
function nothingRuns(): World {
  return createWorld(createMeter({ steps: 0, bytes: 0 }));
}
