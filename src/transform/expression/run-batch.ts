import type { PyValue } from '../../ports/expressions.ts';
import { PyError } from '../python/errors.ts';
import { createMeter } from '../python/meter.ts';
import { createWorld } from '../python/world.ts';
import { checkExpression } from './check-expression.ts';
import type { Evaluate } from './compile.ts';
import { fromPython, sizeOf, toPython } from './wire.ts';

export interface BatchLimits {
  /** What one value may take: steps of about a quarter of a microsecond, bytes made on the way. */
  valueSteps: number;
  valueBytes: number;
}

/** Values in the order asked (null where an error stands), and the errors by place. Fewer than asked: the rest is to be asked again. */
export interface BatchAnswer {
  values: PyValue[];
  errors: [place: number, error: string][];
}

export interface BatchRunner {
  run(expression: string, values: readonly PyValue[]): BatchAnswer;
}

const MAX_COMPILED = 256;
/** What one run gives before it ends: its answers are memory, its time is another run's wait. */
const RUN_BYTES = 32_000_000;
const RUN_MS = 500;

/** Compiles once per expression and runs batches in this thread. */
export function createBatchRunner({ valueSteps, valueBytes }: BatchLimits): BatchRunner {
  const meter = createMeter({ steps: valueSteps, bytes: valueBytes });
  const world = createWorld(meter);
  const compiled = new Map<string, Evaluate>();

  function compile(expression: string): Evaluate {
    const known = compiled.get(expression);
    if (known) return known;
    meter.reset();
    const fresh = checkExpression(expression, world);
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    compiled.set(expression, fresh);
    return fresh;
  }

  return {
    run(expression, values) {
      const evaluate = compile(expression);
      const answer: BatchAnswer = { values: [], errors: [] };
      const startedAt = performance.now();
      let bytes = 0;
      for (const value of values) {
        if (
          bytes > RUN_BYTES ||
          ((answer.values.length & 63) === 63 && performance.now() - startedAt > RUN_MS)
        )
          break;
        meter.reset();
        try {
          const result = fromPython(meter, evaluate(toPython(meter, value)));
          bytes += sizeOf(result);
          answer.values.push(result);
        } catch (error) {
          answer.errors.push([answer.values.length, errorText(error)]);
          answer.values.push(null);
        }
      }
      return answer;
    },
  };
}

/** `TypeName: message`, as Python prints an exception. Anything but a Python error or an exhausted engine is ours and goes on. */
function errorText(error: unknown): string {
  if (error instanceof PyError) return error.message === '' ? error.type : `${error.type}: ${error.message}`;
  if (!(error instanceof RangeError)) throw error;
  return /call stack/.test(error.message)
    ? 'RecursionError: maximum recursion depth exceeded'
    : 'MemoryError: the value needs more memory than there is';
}
