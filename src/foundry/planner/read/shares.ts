import type { Filter, Measure } from '../draft.ts';
import { E, type Reading, rule } from './reading.ts';

const WORD = '(?<word>percentage|percent|pct|share|proportion|fraction|ratio|rate)';

/** Where the words after "percentage of" begin to say which part is meant. */
const TURN =
  /\s(?:is|are|was|were|that|which|who|had|have|has|happened|occurred|caused|did|do|involved|involving|resulted|came|come|come from|in which|took place|take place|with)\s/i;

/**
 * "what percentage of strikes at night were in Texas": splits the text where the part begins, so that filters before it narrow the whole and those
 * after it say the part. Answers the two texts, or null when no share is asked for.
 */
export function shareOf(text: string): { share: 'percent' | 'fraction'; whole: string; part: string } | null {
  const match = new RegExp(`(?<!\\w)${WORD} of (?:all |total |overall )?(?<rest>.*)$`, 'i').exec(text);
  const { word = '', rest = '' } = match?.groups ?? {};
  if (!match || !/\{e\d+\}/.test(rest)) return null;
  const share = /fraction|proportion|ratio/i.test(word) ? 'fraction' : 'percent';
  const turn = TURN.exec(rest);
  const before = text.slice(0, match.index);
  const [, group = ''] = /(\s(?:by|per|for each)\s\{[cpb]\d+\}.*)$/i.exec(rest) ?? [];
  const main = group ? rest.slice(0, rest.length - group.length) : rest;
  if (!turn || turn.index >= main.length) {
    const [, head = main, tail = ''] = /^(.*?\{e\d+\})(.*)$/.exec(main) ?? [];
    return { share, whole: `${before} ${head} ${group}`, part: tail };
  }
  return {
    share,
    whole: `${before} ${main.slice(0, turn.index)} ${group}`,
    part: main.slice(turn.index),
  };
}

export function shareMeasure(share: 'percent' | 'fraction', where: Filter[]): Measure {
  return { fn: 'count', entry: null, share, where };
}

/** "share of strikes by state": the measure as a part of all groups. */
export function readShareWords(reading: Reading): boolean {
  let isShare = false;
  rule(reading, `${WORD} of (?=(?:total )?(?:${E}|\\{c))`, ({ word = '' }) => {
    if (/rate|ratio/i.test(word)) return false;
    isShare = true;
    return true;
  });
  return isShare;
}
