import { type AppError, UnavailableError } from '../../errors.ts';
import type { ExpressionEngine, ExpressionResult, PyValue } from '../../ports/expressions.ts';
import { createMeter } from '../python/meter.ts';
import { createWorld } from '../python/world.ts';
import { checkExpression } from './check-expression.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';
import { isTooDeep, MAX_DEPTH } from './value-depth.ts';

export interface EngineOptions {
  /** Threads that evaluate at the same time; each is started when first needed. */
  threads?: number;
  /** Values per run of the sandbox. */
  chunkSize?: number;
  /** What one value may take: steps of about a quarter of a microsecond, bytes made on the way. */
  valueSteps?: number;
  valueBytes?: number;
  /** A thread that reports nothing for so long is killed and replaced. */
  silenceMs?: number;
}

const MAX_CHUNK_BYTES = 4_000_000;
const TOO_DEEP = `RecursionError: the value is nested deeper than ${MAX_DEPTH} levels`;

interface Piece {
  from: number;
  values: readonly PyValue[];
}

/** Runs `transform_fn` expressions in worker threads. */
export function createExpressionEngine(options: EngineOptions = {}): ExpressionEngine {
  const { threads = 2, chunkSize = 4096, valueSteps = 1_000_000, valueBytes = 64_000_000 } = options;
  const { silenceMs = 20_000 } = options;
  const sandboxes = Array.from({ length: threads }, () =>
    createSandbox({ valueSteps, valueBytes }, silenceMs),
  );
  const pool = createPool(sandboxes);
  const world = createWorld(createMeter({ steps: valueSteps, bytes: valueBytes }));
  let closed = false;

  async function evaluatePiece(expression: string, piece: Piece, results: ExpressionResult[]): Promise<void> {
    const outcome = await pool.use((sandbox) => sandbox.run(expression, piece.values));
    if (closed) throw closedError();
    if (outcome.kind === 'answer') {
      const { values, errors } = outcome.answer;
      for (let i = 0; i < values.length; i++)
        results[piece.from + i] = { ok: true, value: values[i] ?? null };
      for (const [place, error] of errors) results[piece.from + place] = { ok: false, error };
      if (values.length < piece.values.length) {
        const rest = { from: piece.from + values.length, values: piece.values.slice(values.length) };
        await evaluatePiece(expression, rest, results);
      }
      return;
    }
    if (outcome.kind === 'failure') {
      throw new UnavailableError(
        'expression.engine_failed',
        'The expression engine cannot run the expression.',
        {
          internal: outcome.message,
        },
      );
    }
    if (piece.values.length === 1) {
      results[piece.from] = { ok: false, error: `RuntimeError: the value was given up: ${outcome.reason}` };
      return;
    }
    for (const half of halves(piece)) await evaluatePiece(expression, half, results);
  }

  return {
    check(expression) {
      checkExpression(expression, world);
    },
    async evaluate(expression, values) {
      if (closed) throw closedError();
      checkExpression(expression, world);
      const results = new Array<ExpressionResult>(values.length);
      const deep = new Set(values.flatMap((value, place) => (isTooDeep(value) ? [place] : [])));
      const asked = deep.size === 0 ? values : values.map((value, place) => (deep.has(place) ? null : value));
      const pieces = cut(asked, chunkSize);
      await Promise.all(pieces.map((piece) => evaluatePiece(expression, piece, results)));
      for (const place of deep) results[place] = { ok: false, error: TOO_DEEP };
      return results;
    },
    async close() {
      closed = true;
      await Promise.all(sandboxes.map((sandbox) => sandbox.close()));
    },
  };
}

interface Pool {
  use<T>(work: (sandbox: Sandbox) => Promise<T>): Promise<T>;
}

function createPool(sandboxes: readonly Sandbox[]): Pool {
  const free = [...sandboxes];
  const waiting: ((sandbox: Sandbox) => void)[] = [];
  return {
    async use(work) {
      const sandbox = free.pop() ?? (await new Promise<Sandbox>((resolve) => waiting.push(resolve)));
      try {
        return await work(sandbox);
      } finally {
        const next = waiting.shift();
        if (next) next(sandbox);
        else free.push(sandbox);
      }
    },
  };
}

function cut(values: readonly PyValue[], chunkSize: number): Piece[] {
  const pieces: Piece[] = [];
  for (let from = 0; from < values.length; ) {
    let to = from;
    let bytes = 0;
    while (to < values.length && to - from < chunkSize && bytes < MAX_CHUNK_BYTES)
      bytes += roughBytes(values[to++]);
    pieces.push({ from, values: values.slice(from, to) });
    from = to;
  }
  return pieces;
}

function roughBytes(value: PyValue | undefined): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' && value !== null ? 500 : 8;
}

function halves({ from, values }: Piece): Piece[] {
  const middle = Math.ceil(values.length / 2);
  return [
    { from, values: values.slice(0, middle) },
    { from: from + middle, values: values.slice(middle) },
  ];
}

function closedError(): AppError {
  return new UnavailableError('expression.engine_closed', 'The expression engine is closed.');
}
