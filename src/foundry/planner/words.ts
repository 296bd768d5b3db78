/** The root of an English word, for comparing only: "airlines" and "airline", "closed" and "close", "movies" and "movie" are one. */
export function root(word: string): string {
  let at = word.toLowerCase();
  at = IRREGULAR[at] ?? at;
  if (at.length > 3 && /(?:ss|x|ch|sh)es$/.test(at)) at = at.slice(0, -2);
  else if (at.length > 4 && at.endsWith('ies')) at = `${at.slice(0, -3)}y`;
  else if (at.length > 3 && /[^sui]s$/.test(at)) at = at.slice(0, -1);
  if (at.length > 5 && at.endsWith('ing')) at = at.slice(0, -3);
  else if (at.length > 4 && /[^e]ed$/.test(at)) at = at.slice(0, -2);
  if (/([^aeiouls])\1$/.test(at)) at = at.slice(0, -1);
  if (at.length > 3 && at.endsWith('e')) at = at.slice(0, -1);
  return at.length > 3 && at.endsWith('i') ? `${at.slice(0, -1)}y` : at;
}

const IRREGULAR: Readonly<Record<string, string>> = {
  people: 'person',
  persons: 'person',
  children: 'child',
  men: 'man',
  women: 'woman',
  bought: 'buy',
  sold: 'sale',
  spent: 'spend',
  paid: 'pay',
};

/** Lower-case letters and digits of a text, in order. */
export function pieces(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Words that say nothing of their own in a question: they may stay unexplained. */
export const EMPTY_WORDS: ReadonlySet<string> = new Set(
  `the of a an in on at to for from by with and or is are was were be been being has have had do does did that which what who whom whose where when
   how it its their there them they this these those me my our us we i you your all any some please show list give get find display return tell see
   also then than as per each every out up about into over only just now ok okay so there's data record records row rows 
   information info details detail database table dataset happened happen occur occurred occurs recorded record reported report registered took take
   taken place held made make found exist exists existing listed seen know known contain contains available total overall altogether respectively
   many much come came go having get got receive received while during both , . & -
   compare comparison against vs versus between breakdown break down split group grouped broken across experienced experience suffered involved involving caused
   caused had same one ones again instead what's could can will would should actually currently using based kind sort ordered sorted ranked
   descending ascending result results answer`.split(/\s+/),
);

/** Words that may be a column's whole name, and as often say nothing. */
export const FAINT_WORDS: ReadonlySet<string> = new Set(
  'amount amounts value values name names number count total date dates'.split(' '),
);
