import type { ScoreMatrix } from './score.ts';

export interface Assignment {
  /** For each source the target it gets, or -1. */
  targetOf: Int32Array;
  /** For each target the source that holds it, or -1. */
  sourceOf: Int32Array;
}

export interface AssignOptions {
  /** Pairs below this are no match. */
  floor: number;
  /** Pairs settled beforehand: source -> target. */
  fixed?: ReadonlyMap<number, number>;
}

/** One target a source and one source a target: the likeliest pair first, then the likeliest of what is left. */
export function assign(matrix: ScoreMatrix, { floor, fixed = new Map() }: AssignOptions): Assignment {
  const targetOf = new Int32Array(matrix.sources.length).fill(-1);
  const sourceOf = new Int32Array(matrix.targets.length).fill(-1);
  for (const [source, target] of fixed) take(source, target);
  const width = matrix.targets.length;
  const pairs: number[] = [];
  const scores = new Float32Array(matrix.sources.length * width);
  for (const source of matrix.sources.keys()) {
    for (const target of matrix.targets.keys()) {
      const at = source * width + target;
      scores[at] = matrix.score(source, target);
      if ((scores[at] ?? 0) >= floor) pairs.push(at);
    }
  }
  pairs.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
  for (const at of pairs) {
    const source = Math.floor(at / width);
    const target = at % width;
    if (targetOf[source] === -1 && sourceOf[target] === -1) take(source, target);
  }
  return { targetOf, sourceOf };

  function take(source: number, target: number) {
    targetOf[source] = target;
    sourceOf[target] = source;
  }
}
