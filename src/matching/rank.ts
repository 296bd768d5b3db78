import type { FieldProfiles } from '../domain/mapping.ts';
import { assign } from './assign.ts';
import { type ScoreMatrix, type ScoreOptions, scorePairs } from './score.ts';

export interface Candidate {
  column: string;
  /** 0 to 1 */
  score: number;
}

/** What is left of a pair's score when another source holds its target, and when the source holds another target. */
const SHARE = { free: 0.62, lost: 0.5 };
const LEAST = 0.2;

/** For every source field the likeliest target columns, best first. */
export function rankFields(
  source: FieldProfiles,
  target: FieldProfiles,
  { top = 20, ...options }: ScoreOptions & { top?: number } = {},
): Record<string, Candidate[]> {
  return rankMatrix(scorePairs(source, target, options), top);
}

/** Scores compare across sources: of all pairs those come first that fit each other best. */
export function rankMatrix(matrix: ScoreMatrix, top: number): Record<string, Candidate[]> {
  const { targetOf, sourceOf } = assign(matrix, { floor: LEAST });
  const ranked = matrix.sources.map((name, source): [string, Candidate[]] => {
    const candidates = matrix.targets.map((column, target) => {
      const isHeld = targetOf[source] === target;
      const share = isHeld ? 1 : sourceOf[target] === -1 ? SHARE.free : SHARE.lost;
      return { column, score: Math.round(matrix.score(source, target) * share * 10_000) / 10_000 };
    });
    candidates.sort((a, b) => b.score - a.score);
    return [name, candidates.slice(0, top)];
  });
  return Object.fromEntries(ranked);
}
