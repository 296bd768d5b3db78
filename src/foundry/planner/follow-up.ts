import type { Draft, Filter } from './draft.ts';
import type { Likeness } from './link/name-match.ts';
import type { Prepared } from './question/prepare.ts';
import { readQuestion, type Understanding } from './read/read.ts';

const OPENING =
  /^(?:now|and|but|only|just|also|what about|how about|what if|filter|same|instead|then|ok|okay|excluding|exclude|without|except|group|sort|order|break|split|limit|make|restrict|narrow|for|in|by|per|among|of (?:those|these|them)|include|drop|remove|add|use|show (?:only|just|me only|them|it|that|those|these)|change)\b/i;
const POINTING = /\b(?:those|them|these|that|it|ones|instead|same)\b/i;

/** Whether a question leans on the one before it. */
export function isFollowUp(text: string): boolean {
  return OPENING.test(text) || (POINTING.test(text) && text.split(' ').length <= 12);
}

const LEAD =
  /^(?:(?:ok|okay|now|and|but|then|also|please|only|just|same|show|me|them|it|that|those|these|filter|restrict|narrow|limit|down|to|what about|how about|what if|make|use|instead|again|for|do|with|keep|change|include)\b[ ,]*)+(?!\{n)/i;

/** The earlier reading with the part changed that the follow-up says; null when it says nothing known. */
export function followUp(earlier: Understanding, prepared: Prepared, likeness: Likeness): Understanding {
  const text = prepared.text;
  const turned = turn(earlier, text);
  if (turned) return turned;
  const isMore = /\b(?:also|too|as well|additionally|further)\b/i.test(text);
  const lead = /\b(?:those|these|them|ones) (?:with|in|from|that|who|which|where|having)\b/i.test(text)
    ? text.replace(/^.*?\b(?:those|these|them|ones) /i, '')
    : text.replace(LEAD, (found) =>
        /\bfor\b/i.test(found) && !/^\{/.test(text.slice(found.length)) ? '' : '',
      );
  const part = readQuestion(
    { ...prepared, text: lead.replace(/\b(?:instead|too|as well|again)\b/gi, '').trim() },
    earlier.scope,
    likeness,
    true,
  );
  const whole = merge(earlier.draft, part.draft, isMore);
  const isEmpty = Object.values(part.draft).every(
    (value) => !value || (Array.isArray(value) && value.length === 0),
  );
  return {
    ...earlier,
    draft: whole,
    leftovers: isEmpty && part.leftovers.length === 0 ? [text] : part.leftovers,
    ambiguous: [...earlier.ambiguous, ...part.ambiguous],
    problems: [...earlier.problems, ...part.problems],
  };
}

/** "and the fewest?": the same ranking from its other end. */
function turn(earlier: Understanding, text: string): Understanding | null {
  const [, way] =
    /^(?:and |now |what about |how about )*(?:with |has |have )*(most|highest|largest|biggest|top|best|latest|newest|least|fewest|lowest|smallest|bottom|worst|oldest|earliest)(?: ones?)?$/i.exec(
      text,
    ) ?? [];
  if (way === undefined || earlier.draft.order === null) return null;
  const descending = /^(?:most|highest|largest|biggest|top|best|latest|newest)$/i.test(way);
  return { ...earlier, draft: { ...earlier.draft, order: { ...earlier.draft.order, descending } } };
}

function merge(before: Draft, part: Draft, isMore: boolean): Draft {
  const isFragment = part.measures.length === 0 && part.groups.length === 0;
  const bare = isFragment && part.columns.length > 0 ? part.columns : [];
  return {
    ...before,
    filters: [
      ...before.filters.filter((old) => !part.filters.some((now) => replaces(now, old))),
      ...part.filters,
    ],
    groups:
      part.groups.length === 0 ? before.groups : isMore ? [...before.groups, ...part.groups] : part.groups,
    measures:
      part.measures.length > 0
        ? part.measures
        : part.groups.length > 0 && before.measures.length === 0
          ? [{ fn: 'count', entry: null, share: null, where: [] }]
          : before.measures,
    having: part.having.length > 0 ? part.having : before.having,
    columns:
      part.measures.length > 0 || part.groups.length > 0
        ? []
        : isMore
          ? [...before.columns, ...bare]
          : before.columns,
    order:
      part.order ??
      (part.groups.length > 0 || part.measures.length > 0 ? regrouped(before, part) : before.order),
    limit: part.limit ?? (part.groups.length > 0 && !isMore ? null : before.limit),
    reach: part.reach ?? before.reach,
    path: before.path,
    latest: part.latest ?? before.latest,
    countGroups: before.countGroups && part.groups.length === 0,
  };
}

/** Once other groups are asked for, what was ranked no longer is; a changed measure is ranked as the one before. */
function regrouped(before: Draft, part: Draft): Draft['order'] {
  if (part.groups.length > 0) return null;
  return before.order?.by === 'measure' ? before.order : null;
}

function replaces(now: Filter, old: Filter): boolean {
  if (now.entry !== old.entry) return false;
  if (now.kind === 'compare' && old.kind === 'compare')
    return now.op === old.op || now.op === '=' || old.op === '=';
  return now.kind === old.kind && now.kind !== 'text';
}
