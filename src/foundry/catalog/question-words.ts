import { FILLERS, type Lexicon } from '../../matching/lexicon.ts';
import { stem, tokenize } from '../../matching/name-tokens.ts';

/** They say what is asked, not what it is asked of. */
const ASKING = new Set(
  'what which who whom whose where when why how many much show list give tell find get me us our my we i you please can could would do does did are was were be been am will have had there their them it its this that these those from into over than then only also just all any each every more most less least top bottom first last highest lowest between during since until after before and not no'.split(
    ' ',
  ),
);
/** They may be part of a name, too. */
const COUNTING = new Set(
  'count number total sum average mean min max minimum maximum median percent year month week day quarter today'.split(
    ' ',
  ),
);
const READING = 0.9;
const SYNONYM = 0.45;
const COUNTS = 0.3;
const LONGEST_PHRASE = 5;

export interface QuestionWord {
  word: string;
  weight: number;
  /** What a name's word may be to match, with how well it does. */
  forms: ReadonlyMap<string, number>;
}

/** The words of a question that may name a table, a column or a value, each once. */
export function questionWords(
  question: string,
  lexicon: Lexicon,
  split: (token: string) => string[],
): QuestionWord[] {
  const tokens = [...new Set(tokenize(question).flatMap(split))];
  const meant = tokens.filter((token) => !ASKING.has(token) && !FILLERS.has(token) && token.length > 1);
  return meant.map((word) => ({
    word,
    weight: COUNTING.has(word) ? COUNTS : 1,
    forms: formsOf(word, lexicon),
  }));
}

/** A word as it can be compared: its stem, what it is short for, the groups of words used for one another it is in. */
export function formsOf(word: string, lexicon: Lexicon): Map<string, number> {
  const forms = new Map<string, number>();
  for (const group of lexicon.groups(word)) forms.set(group, SYNONYM);
  for (const reading of lexicon.readings(word)) {
    for (const part of reading) forms.set(stem(part), READING / reading.length ** 0.5);
  }
  return forms.set(stem(word), 1);
}

/** Every run of a question's words as it is written there, lower case: a value of a column may be one of them. */
export function phrasesOf(question: string): Set<string> {
  const text = question.toLowerCase();
  const words = [...text.matchAll(/[\p{L}\p{N}]+/gu)];
  const phrases = new Set<string>();
  for (const [at, { index: start }] of words.entries()) {
    for (const word of words.slice(at, at + LONGEST_PHRASE)) {
      const phrase = text.slice(start, word.index + word[0].length);
      if (phrase.length > 1 && !ASKING.has(phrase) && !FILLERS.has(phrase)) phrases.add(phrase);
    }
  }
  return phrases;
}
