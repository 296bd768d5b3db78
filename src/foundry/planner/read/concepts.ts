import type { Entry } from '../link/scope.ts';
import { root } from '../words.ts';
import { addColumn, C, pick, type Reading, rule, tags } from './reading.ts';

/** What an adjective measures: its superlative, its comparative, which way it points, and words columns of it are named with. */
const ADJECTIVES: readonly (readonly [string, string, 'highest' | 'lowest', string])[] = [
  ['longest', 'longer', 'highest', 'duration length runtime running distance time'],
  ['shortest', 'shorter', 'lowest', 'duration length runtime running distance time height'],
  ['farthest|furthest', 'farther|further', 'highest', 'distance'],
  [
    'most expensive|costliest|priciest|dearest',
    'more expensive|costlier|pricier',
    'highest',
    'price cost fare fee rent',
  ],
  ['cheapest|least expensive', 'cheaper|less expensive', 'lowest', 'price cost fare fee rent'],
  ['heaviest', 'heavier', 'highest', 'weight mass'],
  ['lightest', 'lighter', 'lowest', 'weight mass'],
  ['tallest', 'taller', 'highest', 'height elevation'],
  ['fastest|quickest', 'faster|quicker', 'highest', 'speed velocity mph'],
  ['slowest', 'slower', 'lowest', 'speed velocity mph'],
  ['hottest|warmest', 'hotter|warmer', 'highest', 'temperature temp'],
  ['coldest|coolest', 'colder|cooler', 'lowest', 'temperature temp'],
  ['oldest', 'older', 'highest', 'age'],
  ['youngest', 'younger', 'lowest', 'age'],
  ['most populous|most populated', 'more populous', 'highest', 'population pop inhabitants'],
  ['least populous|least populated', 'less populous', 'lowest', 'population pop inhabitants'],
  ['best paid|highest paid', 'better paid', 'highest', 'salary wage pay'],
  ['richest|wealthiest', 'richer|wealthier', 'highest', 'wealth income gdp'],
  ['poorest', 'poorer', 'lowest', 'wealth income gdp'],
  ['strongest', 'stronger', 'highest', 'magnitude strength power'],
  ['deepest', 'deeper', 'highest', 'depth'],
  ['most profitable', 'more profitable', 'highest', 'profit'],
];

/** "the longest movie", "older than 30": the adjective becomes "highest {c}" or "{c} more than", with the column it can only mean. */
export function readAdjectives(reading: Reading): void {
  for (const [most, more, way, words] of ADJECTIVES) {
    rule(reading, `(?:${most})(?= ${C})`, (_, whole) => {
      const after = reading.text.slice(
        reading.text.toLowerCase().indexOf(whole.toLowerCase()) + whole.length + 1,
      );
      const isNumber = pick(reading, /\{c\d+\}/.exec(after)?.[0] ?? '', ['number']);
      return isNumber ? way : false;
    });
    rule(reading, `(?:${most})(?! (?:path|way|route|connection|chain))`, (_, whole) => {
      const entry = conceptColumn(reading, words);
      return entry ? `${way} ${addColumn(reading, entry, whole)}` : false;
    });
    rule(reading, `(?:${more}) than`, (_, whole) => {
      const entry = conceptColumn(reading, words);
      const compared = way === 'highest' ? 'more than' : 'less than';
      return entry ? `${addColumn(reading, entry, whole)} ${compared}` : false;
    });
  }
}

function conceptColumn(reading: Reading, words: string): Entry | null {
  const roots = words.split(' ').map(root);
  const numbers = reading.scope.entries.filter((entry) => entry.kind === 'number');
  for (const word of roots) {
    const fit = numbers.filter((entry) => entry.readings.some((names) => names.includes(word)));
    const near = Math.min(...fit.map((entry) => entry.place.hops));
    const nearest = fit.filter((entry) => entry.place.hops === near);
    if (nearest.length > 1) reading.ambiguous.push({ words: word, entries: nearest });
    if (nearest[0]) return nearest[0];
  }
  return null;
}

/** Whether the last column before is a number: then what follows a number is its unit. */
export function kindless(reading: Reading, before: string): boolean {
  const at = tags(before, 'c').at(-1);
  return at !== undefined && pick(reading, `{c${at}}`, ['number']) !== null;
}
