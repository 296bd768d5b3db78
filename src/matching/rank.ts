import type { FieldProfiles } from '../domain/mapping.ts';
import { assign } from './assign.ts';
import { type ScoreMatrix, type ScoreOptions, scorePairs } from './score.ts';

export interface Candidate {
  column: string;
  /** 0 to 1 */
  score: number;
}

/** A pair that lost its target to a likelier source counts for less than one that holds it. */
const LOST = 0.75;

/** For every source field the likeliest target columns, best first. */
export function rankFields(
  source: FieldProfiles,
  target: FieldProfiles,
  { top = 20, ...options }: ScoreOptions & { top?: number } = {},
): Record<string, Candidate[]> {
  return rankMatrix(scorePairs(source, target, options), top);
}

export function rankMatrix(matrix: ScoreMatrix, top: number): Record<string, Candidate[]> {
  const { targetOf, sourceOf } = assign(matrix, { floor: 0.2 });
  const ranked = matrix.sources.map((name, source): [string, Candidate[]] => {
    const candidates = matrix.targets.map((column, target) => {
      const isHeld = targetOf[source] === target;
      const isFree = sourceOf[target] === -1;
      const factor = isHeld ? 1 : isFree ? 0.9 : LOST;
      return { column, score: rounded(matrix.score(source, target) * factor) };
    });
    candidates.sort((a, b) => b.score - a.score);
    return [name, candidates.slice(0, top)];
  });
  return Object.fromEntries(ranked);
}

function rounded(score: number): number {
  return Math.round(score * 10_000) / 10_000;
}
