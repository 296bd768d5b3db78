import { FILLERS, type Lexicon } from './lexicon.ts';

const SYMBOLS: Record<string, string> = {
  $: ' usd ',
  '€': ' eur ',
  '£': ' gbp ',
  '%': ' percent ',
  '#': ' number ',
};

/**
 * What is read of a name or a text, whatever its length: the time and memory of comparing names grow with the square of it. A name that is
 * longer is none.
 */
const MOST = { characters: 256, words: 16, letters: 32, ofText: { characters: 1_000, words: 120 } };

/**
 * The words of a column name in order, lower case, without accents: "Cost Total $" -> cost total usd; "firstName__c" -> first name. Of its
 * first 256 characters the first 16 words, of each the first 32 letters.
 */
export function tokenize(name: string): string[] {
  return clipped(wordsOf(withoutSuffix(name)), MOST.words);
}

/** The words of a description, as those of a name: of its first 1,000 characters. */
export function tokenizeText(text: string): string[] {
  return clipped(wordsOf(text.slice(0, MOST.ofText.characters)), MOST.ofText.words);
}

/**
 * One spelling for every way of writing the same name: "CloseDate", "close_date" and "CLOSE DATE" are equal. A name of more than 256
 * characters is spelled as it is.
 */
export function normalizedName(name: string): string {
  return name.length > MOST.characters ? name : wordsOf(withoutSuffix(name)).join(' ');
}

function withoutSuffix(name: string): string {
  return name.slice(0, MOST.characters).replace(/__(?:c|pc|r)$/, '');
}

function clipped(words: readonly string[], most: number): string[] {
  return words.slice(0, most).map((word) => word.slice(0, MOST.letters));
}

function wordsOf(text: string): string[] {
  const plain = text
    .replace(/[$€£%#]/g, (symbol) => SYMBOLS[symbol] ?? ' ')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2')
    // No run of capitals is looked at twice.
    .replace(/(\p{Lu})(?=\p{Lu}\p{Ll})/gu, '$1 ')
    .replace(/(\p{L})(\d)/gu, '$1 $2')
    .replace(/(\d)(\p{L})/gu, '$1 $2')
    .toLowerCase();
  return plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
}

/** Strips endings that do not change what a column is: plurals and the commonest verb forms. */
export function stem(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (word.length > 5 && /(?:ss|x|ch|sh)es$/.test(word)) return word.slice(0, -2);
  if (word.length > 3 && /[^sui]s$/.test(word)) return word.slice(0, -1);
  if (word.length > 6 && word.endsWith('ing')) return word.slice(0, -3);
  if (word.length > 5 && word.endsWith('ed')) return word.slice(0, -2);
  return word.length > 4 && word.endsWith('e') ? word.slice(0, -1) : word;
}

/** Two letters that end a name written together and are a word of their own: "custno", "birthdt". */
const SHORT_ENDINGS: ReadonlySet<string> = new Set(['id', 'no', 'nm', 'dt', 'cd', 'ts', 'at', 'on', 'by']);

/** Splits words written together ("closedate", "zipcode") into known parts; what is a word itself stays whole. */
export function createSplitter(
  words: ReadonlySet<string>,
  parts: ReadonlySet<string>,
): (token: string) => string[] {
  const memo = new Map<string, string[]>();
  return (token) => {
    const found = memo.get(token);
    if (found) return found;
    const split = token.length < 6 || words.has(token) ? [token] : (splitAt(token, parts, 3) ?? [token]);
    memo.set(token, split);
    return split;
  };
}

const CHANGED: ReadonlySet<string> = new Set(['modified', 'updated', 'changed', 'edited']);

/** Tokens that carry meaning; all of them when none does. "Last modified" says no more than "modified". */
export function meaningful(tokens: readonly string[]): string[] {
  const kept = tokens.filter(
    (token, at) => !FILLERS.has(token) && !(token === 'last' && CHANGED.has(tokens[at + 1] ?? '')),
  );
  return kept.length > 0 ? kept : [...tokens];
}

/** Words of all readings of a name together: those of an ordinary name are all read. */
const MOST_READ = 40;

/**
 * Every way to read a name: as written, with each short form replaced by each of its meanings, and with a phrase replaced by each of its
 * other names. The first is as written; of a long name there are fewer.
 */
export function readingsOf(tokens: readonly string[], lexicon: Lexicon, most = 5): string[][] {
  let readings: string[][] = [[]];
  for (const token of tokens) {
    const options = [[token], ...lexicon.readings(token)];
    readings = readings
      .flatMap((before) => options.map((option) => [...before, ...option]))
      .slice(0, most * 4);
  }
  const unique = new Map(readings.map((reading) => [reading.join(' '), meaningful(reading)]));
  const plain = [...unique.values()].slice(0, most);
  const others = rephrased([tokens, ...readings.slice(0, most)], lexicon).slice(0, most);
  let words = 0;
  return [...plain, ...others].filter((reading, at) => {
    words += reading.length;
    return at === 0 || words <= MOST_READ;
  });
}

const LONGEST_PHRASE = 6;

/** The names with their longest phrase replaced. */
function rephrased(readings: readonly (readonly string[])[], lexicon: Lexicon): string[][] {
  const found = new Map<string, string[]>();
  for (const reading of readings) {
    for (let size = Math.min(LONGEST_PHRASE, reading.length); size > 0; size--) {
      const before = found.size;
      for (let at = 0; at + size <= reading.length; at++) {
        for (const other of lexicon.phrases(reading.slice(at, at + size))) {
          const whole = [...reading.slice(0, at), ...other, ...reading.slice(at + size)];
          found.set(whole.join(' '), meaningful(whole));
        }
      }
      if (found.size > before) break;
    }
  }
  return [...found.values()];
}

function splitAt(token: string, known: ReadonlySet<string>, mostParts: number): string[] | null {
  if (mostParts === 0) return null;
  for (let at = token.length - 2; at >= 2; at--) {
    const head = token.slice(0, at);
    const tail = token.slice(at);
    if (!known.has(head) || (head.length === 2 && head !== 'id' && head !== 'is')) continue;
    if (tail.length === 2 ? SHORT_ENDINGS.has(tail) : known.has(tail)) return [head, tail];
    const rest = splitAt(tail, known, mostParts - 1);
    if (rest) return [head, ...rest];
  }
  return null;
}
