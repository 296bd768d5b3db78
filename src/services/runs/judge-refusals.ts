import { refusedIn } from '../../domain/stats.ts';
import type { RunOutcome } from '../../ports/runner.ts';

/**
 * What refused records make of a run that its runner calls well. Single ones are on the list of rejected rows and nothing more. A stream
 * none of whose records could be staged makes it `partial`: the others are loaded, and it is told. Where nothing at all could be staged
 * the run has failed, and its state with it.
 */
export function judgeRefusals(outcome: RunOutcome): RunOutcome {
  const lost = Object.entries(outcome.streams).filter(
    ([, { rows, rejected = 0 }]) => rows === 0 && rejected > 0,
  );
  if (outcome.status !== 'completed' || lost.length === 0) return outcome;
  const nothing = Object.values(outcome.streams).every(({ rows }) => rows === 0);
  return {
    ...outcome,
    status: nothing ? 'failed' : 'partial',
    errorCode: nothing ? 'staging.all_refused' : 'staging.stream_refused',
    errorMsg: `${whatOf(lost.map(([stream]) => stream))} could be staged: ${refusedIn(Object.fromEntries(lost))} were refused. The rejected rows of the run say why.`,
  };
}

const MOST_NAMED = 10;

function whatOf(streams: readonly string[]): string {
  const named = streams.slice(0, MOST_NAMED).map((stream) => `"${stream}"`);
  const more = streams.length - named.length;
  return `No record of ${named.join(', ')}${more > 0 ? ` and ${more} more streams` : ''}`;
}
