import type { Aggregate, Measure } from '../draft.ts';
import { displayOf, type Entry } from '../link/scope.ts';
import { C, E, P, pick, pickPlace, type Reading } from './reading.ts';

const WORDS: Readonly<Record<Aggregate, string>> = {
  count: 'number of|numbers of|count of|total number of|total count of|how many|amount of',
  avg: 'average|avg|mean|typical|averaged',
  sum: 'total amount of|total|sum of|sum|combined|overall|aggregate|cumulative|summed|how much',
  max: 'maximum|max|highest|largest|biggest|greatest|peak|record',
  min: 'minimum|min|lowest|smallest|least',
  median: 'median',
  distinct: 'number of (?:distinct|different|unique)',
};

export const AGGREGATE = `(?:${[WORDS.distinct, WORDS.count, WORDS.avg, WORDS.sum, WORDS.max, WORDS.min, WORDS.median].join('|')})`;
/** "average delay", "number of airlines", "flights". */
export const MEASURE = `(?:(?:${AGGREGATE}) (?:of )?)?(?:(?:distinct|unique|different|overall|total|average|number of|${E}) )?(?:${C}|${E}|${P})`;

/** Where no word says how values are put together: rates are averaged, amounts are summed. */
export function naturalFn(entry: Entry): Aggregate {
  const isRate =
    /rat(?:e|io|ing)|pct|percent|score|average|avg|mean|price|growth|margin|age$|temp|speed|latitude|longitude|index|per_|grade|rank|level|duration|delay|distance|height|weight|length|yield|density|expect|fertility|running|year|velocity|humidity|pressure|wind|probability/i;
  return isRate.test(entry.column.name) ? 'avg' : 'sum';
}

/** The measure a phrase of MEASURE's form says; null when the column cannot be measured so. */
export function measureOf(
  reading: Reading,
  phrase: string,
  fallback?: (entry: Entry) => Aggregate,
): Measure | null {
  const word = phrase
    .replace(/\{\w+\}/g, '')
    .replace(/\bof\b\s*$/i, '')
    .trim();
  const fn = aggregateOf(phrase);
  const tag = [...phrase.matchAll(/\{[cep]\d+\}/g)].at(-1)?.[0] ?? '';
  if (tag.startsWith('{e'))
    return fn && !['count', 'sum', 'distinct'].includes(fn) ? null : plain('count', null);
  if (tag.startsWith('{p')) {
    const place = pickPlace(reading, tag);
    const entry = place && (keyOf(reading, place.key) ?? displayOf(reading.scope, place));
    return entry && (fn === null || fn === 'count' || fn === 'distinct' || fn === 'sum')
      ? plain('distinct', entry)
      : null;
  }
  if (fn === 'distinct' || fn === 'count' || /distinct|unique|different/i.test(word))
    return counted(reading, tag);
  if (fn === null) {
    const entry = pick(reading, tag, ['number']);
    return entry ? plain((fallback ?? naturalFn)(entry), entry) : counted(reading, tag);
  }
  const kinds = fn === 'min' || fn === 'max' ? (['number', 'time'] as const) : (['number'] as const);
  const entry = pick(reading, tag, kinds);
  if (!entry) return fn === 'sum' ? counted(reading, tag) : null;
  return plain(fn, entry);
}

export function aggregateOf(phrase: string): Aggregate | null {
  const order = ['distinct', 'count', 'avg', 'median', 'sum', 'max', 'min'] as const;
  return order.find((fn) => new RegExp(`^(?:${WORDS[fn]})(?![\\w])`, 'i').test(phrase.trim())) ?? null;
}

/** "how many airlines": different ones of a text; of numbers that are counts themselves, their sum. */
function counted(reading: Reading, tag: string): Measure | null {
  const entry = pick(reading, tag);
  if (!entry) return null;
  const isId = /(?:^|_|\b)(?:id|key|code)$/i.test(entry.column.name);
  return entry.kind === 'number' && !isId ? plain('sum', entry) : plain('distinct', entry);
}

function keyOf(reading: Reading, place: string): Entry | null {
  const found = reading.scope.places.find((one) => one.key === place);
  const key = found?.via?.to.length === 1 ? found.via.to[0] : undefined;
  return reading.scope.entries.find((entry) => entry.place === found && entry.column.name === key) ?? null;
}

function plain(fn: Aggregate, entry: Entry | null): Measure {
  return { fn, entry, share: null, where: [] };
}
