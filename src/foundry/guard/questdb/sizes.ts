import { refuse } from '../verdict.ts';
import { wholeNumber } from './tree.ts';

const MAX_SERIES = 10_000;
/** Which argument says how much memory an answer takes, and the most it may be. */
const SIZED: Record<string, { argument: number; most: number }> = {
  lpad: { argument: 1, most: 1_000 },
  rpad: { argument: 1, most: 1_000 },
  approx_percentile: { argument: 2, most: 4 },
  approx_median: { argument: 1, most: 4 },
  approx_count_distinct: { argument: 1, most: 14 },
  long_sequence: { argument: 0, most: MAX_SERIES },
};

/** Refuses calls whose answer could be as large as their arguments say, unless these are small and written out. */
export function assertSmall(name: string, args: readonly unknown[]): void {
  const sized = SIZED[name];
  if (sized && args.length > sized.argument) {
    const size = wholeNumber(args[sized.argument]);
    if (size === null || size < 0 || size > sized.most)
      refuse('guard.construct_refused', `${name} takes a number of at most ${sized.most} here, written out.`);
  }
  if (name === 'generate_series') assertSeries(args.map(wholeNumber));
}

function assertSeries([start = null, end = null, step = 1]: readonly (number | null)[]): void {
  const isBounded =
    start !== null &&
    end !== null &&
    step !== null &&
    step !== 0 &&
    Math.abs((end - start) / step) <= MAX_SERIES;
  if (!isBounded)
    refuse(
      'guard.construct_refused',
      `generate_series takes numbers, written out, of at most ${MAX_SERIES} steps.`,
    );
}
