import type { Draft } from '../draft.ts';
import type { Likeness } from '../link/name-match.ts';
import { displayOf, type Entry, type Scope } from '../link/scope.ts';
import { type Tagged, tagWords } from '../link/tag.ts';
import type { Prepared } from '../question/prepare.ts';
import { readComparisons } from './comparisons.ts';
import { readAdjectives } from './concepts.ts';
import { dropVerbs, readFlags } from './flags.ts';
import { NEIGHBOURS, readEnds } from './graph.ts';
import { readGroups } from './groups.ts';
import { readMeasures } from './measures.ts';
import { readOrders } from './orders.ts';
import { openReading, type Reading } from './reading.ts';
import { readRest } from './rest.ts';
import { readShareWords, shareMeasure, shareOf } from './shares.ts';
import { readBareYears, readBuckets, readTimes } from './times.ts';
import { readValues } from './values.ts';

/** What a question would mean, were it about one table and those joined to it. */
export interface Understanding {
  scope: Scope;
  draft: Draft;
  /** Words that nothing explains; with any of them this is no answer. */
  leftovers: string[];
  ambiguous: { words: string; entries: Entry[] }[];
  problems: string[];
  /** How much of the question the scope's names explain. */
  score: number;
  namesTable: boolean;
}

/** Pure. `isPart`: a follow-up, which need not be a whole question. */
export function readQuestion(
  prepared: Prepared,
  scope: Scope,
  likeness: Likeness,
  isPart = false,
): Understanding {
  const tagged = tagWords(prepared, scope, likeness);
  const share = shareOf(tagged.text);
  if (share) {
    const whole = readText({ ...tagged, text: share.whole }, prepared, scope, false);
    const part = readText({ ...tagged, text: `{e0} ${share.part}` }, prepared, scope, true);
    const where = part.reading.draft.filters;
    const { draft } = whole.reading;
    draft.measures = [shareMeasure(share.share, where)];
    draft.columns = [];
    const leftovers = [...whole.leftovers, ...part.leftovers];
    const understanding = understand(whole.reading, leftovers, tagged);
    const hasPart = where.length > 0 || draft.groups.length > 0;
    return {
      ...understanding,
      ambiguous: [...understanding.ambiguous, ...part.reading.ambiguous],
      problems: hasPart
        ? [...understanding.problems, ...part.reading.problems]
        : ['it does not say which part is meant'],
    };
  }
  const { reading, leftovers } = readText(tagged, prepared, scope, isPart);
  return understand(reading, leftovers, tagged);
}

function understand(reading: Reading, leftovers: string[], tagged: Tagged): Understanding {
  const { scope, draft, ambiguous, problems } = reading;
  return {
    scope,
    draft,
    leftovers,
    ambiguous,
    problems,
    score:
      tagged.score -
      0.02 * hopsOf(draft) +
      (draft.path || tagged.parents.some(({ words }) => words === NEIGHBOURS) ? 1 : 0),
    namesTable: tagged.entities.length > 0,
  };
}

function readText(
  tagged: Tagged,
  prepared: Prepared,
  scope: Scope,
  isPart: boolean,
): { reading: Reading; leftovers: string[] } {
  const reading = openReading(scope, prepared, tagged);
  dropVerbs(reading);
  readAdjectives(reading);
  readBuckets(reading);
  readComparisons(reading);
  readTimes(reading);
  readEnds(reading);
  readValues(reading);
  readComparisons(reading);
  readFlags(reading);
  readOrders(reading);
  const isShare = readShareWords(reading);
  readGroups(reading);
  readMeasures(reading);
  if (isShare)
    reading.draft.measures = reading.draft.measures.map((measure) => ({ ...measure, share: 'percent' }));
  readBareYears(reading);
  const leftovers = readRest(reading);
  if (!isPart) settle(reading);
  if (!isPart) checkWhole(reading);
  return { reading, leftovers };
}

/** Fills in what goes without saying. */
function settle(reading: Reading): void {
  const { draft } = reading;
  const compared = draft.filters.find(
    (filter) => filter.kind === 'in' && filter.values.length > 1 && !filter.isNegated,
  );
  if (
    compared &&
    /\b(?:compare|versus|vs|compared|respectively|each|difference)\b/i.test(reading.prepared.text)
  ) {
    const isKnown = draft.groups.some((group) => group.kind === 'column' && group.entry === compared.entry);
    if (!isKnown && draft.measures.length > 0) draft.groups.push({ kind: 'column', entry: compared.entry });
  }
  if (draft.measures.length === 0 && draft.groups.length > 0 && draft.columns.length > 0) draft.columns = [];
  if (draft.measures.length > 0 && draft.groups.length > 0) draft.columns = [];
  if (draft.measures.length === 0 && draft.groups.length === 0 && draft.columns.length === 1) {
    const display = displayOf(reading.scope, reading.scope.root);
    const [only] = draft.columns;
    const named = draft.filters.some((filter) => filter.kind === 'in' && filter.values.length === 1);
    if (only && display && only !== display && only.kind === 'number' && !named)
      draft.columns.unshift(display);
  }
}

/** What stands in no query as it is. */
function checkWhole(reading: Reading): void {
  const { draft } = reading;
  const isNumber = draft.measures.length > 0 && draft.groups.length === 0;
  if (isNumber && /^who\b/i.test(reading.prepared.text))
    reading.problems.push('it does not say whom to look for');
  if (draft.having.length > 0 && draft.groups.length === 0)
    reading.problems.push('it does not say whose number is compared');
}

function hopsOf(draft: Draft): number {
  const entries = [
    ...draft.filters.map((filter) => filter.entry.place),
    ...draft.groups.map((group) => (group.kind === 'place' ? group.place : group.entry.place)),
    ...draft.columns.map((entry) => entry.place),
    ...draft.measures.flatMap((measure) => (measure.entry ? [measure.entry.place] : [])),
  ];
  return [...new Set(entries)].reduce((sum, place) => sum + place.hops, 0);
}
