import { Monty, MontyRuntimeError } from '@pydantic/monty';
import type { PyValue } from '../../ports/expressions.ts';
import { checkExpression } from './check-expression.ts';
import { readPrelude } from './prelude.ts';
import { batchProgram } from './program.ts';
import { errorText } from './python-errors.ts';
import { UNICODE_FUNCTIONS } from './unicode-text.ts';
import { decodeAnswer, encodeBatch, type RawAnswer } from './wire.ts';

export interface BatchLimits {
  /** Time one value may take. */
  valueTimeoutMs: number;
  /** Memory one run of the engine may take, values included. */
  memoryBytes: number;
}

/** Values in the order asked (null where an error stands), and the errors by place. */
export interface BatchAnswer {
  values: PyValue[];
  errors: [place: number, error: string][];
}

export interface BatchRunner {
  /** Runs one expression over the values. `onProgress` is called after every run of the engine. */
  run(expression: string, values: readonly PyValue[], onProgress: () => void): BatchAnswer;
}

interface Compiled {
  program: Monty;
  allFloats: boolean;
}

const MAX_COMPILED = 256;
const MAX_CALL_DEPTH = 150;
/** On top of one value's time: what an ordinary value may take. */
const USUAL_VALUE_MS = 0.05;
/** Into how many pieces a batch is cut that has exceeded a limit. */
const PIECES = 16;

/** Compiles once per expression and runs batches in this thread. Only for a thread that may be killed. */
export function createBatchRunner(limits: BatchLimits): BatchRunner {
  const prelude = readPrelude();
  const compiled = new Map<string, Compiled>();

  function compile(expression: string): Compiled {
    const known = compiled.get(expression);
    if (known) return known;
    const translated = checkExpression(expression);
    const program = new Monty(batchProgram(translated, prelude), {
      inputs: ['vs', 'whole', 'zeros', 'tagged'],
    });
    const fresh = { program, allFloats: translated.type === 'float' };
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    compiled.set(expression, fresh);
    return fresh;
  }

  return {
    run(expression, values, onProgress) {
      const answer: BatchAnswer = { values: new Array(values.length).fill(null), errors: [] };
      runPiece(compile(expression), values, 0, limits, answer, onProgress);
      return answer;
    },
  };
}

/** A piece that exceeds a limit is cut until the one value that does it stands alone: it costs no other value its answer. */
function runPiece(
  compiled: Compiled,
  values: readonly PyValue[],
  offset: number,
  limits: BatchLimits,
  answer: BatchAnswer,
  onProgress: () => void,
): void {
  try {
    runOnce(compiled, values, offset, limits, answer);
    onProgress();
  } catch (error) {
    onProgress();
    if (!(error instanceof MontyRuntimeError)) throw error;
    if (values.length === 1) {
      answer.errors.push([offset, limitText(error.exception.typeName, limits)]);
      return;
    }
    const size = Math.ceil(values.length / PIECES);
    for (let from = 0; from < values.length; from += size) {
      runPiece(compiled, values.slice(from, from + size), offset + from, limits, answer, onProgress);
    }
  }
}

function runOnce(
  { program, allFloats }: Compiled,
  values: readonly PyValue[],
  offset: number,
  limits: BatchLimits,
  answer: BatchAnswer,
): void {
  const { refused, ...inputs } = encodeBatch(values);
  const raw: RawAnswer = program.run({
    inputs,
    externalFunctions: { _js_text: textFunction },
    limits: {
      maxDurationSecs: (limits.valueTimeoutMs + values.length * USUAL_VALUE_MS) / 1000,
      maxMemory: limits.memoryBytes,
      maxRecursionDepth: MAX_CALL_DEPTH,
    },
  });
  const decoded = decodeAnswer(raw, allFloats);
  for (let i = 0; i < decoded.length; i++) answer.values[offset + i] = decoded[i] ?? null;
  const refusedPlaces = new Set(refused.map(([place]) => place));
  for (const [place, type, message] of raw[1]) {
    if (!refusedPlaces.has(place)) answer.errors.push([offset + place, errorText(type, message)]);
  }
  for (const [place, error] of refused) {
    answer.values[offset + place] = null;
    answer.errors.push([offset + place, error]);
  }
}

/** The one function the program may call outside its sandbox: pure, from text to text. */
function textFunction(name: string, text: string): string {
  const found = Object.hasOwn(UNICODE_FUNCTIONS, name) ? UNICODE_FUNCTIONS[name] : undefined;
  return found ? found(text) : text;
}

function limitText(type: string, limits: BatchLimits): string {
  if (type === 'TimeoutError') return `TimeoutError: the value took longer than ${limits.valueTimeoutMs} ms`;
  if (type === 'MemoryError')
    return `MemoryError: the value needs more than ${Math.round(limits.memoryBytes / 1e6)} MB`;
  return `${type}: the value exceeds a limit of the sandbox`;
}
