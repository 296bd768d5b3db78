import { ABBREVIATIONS } from './abbreviations.ts';
import { PHRASES } from './phrases.ts';
import { SYNONYMS } from './synonyms.ts';

/** Words that say next to nothing in a column name. */
export const FILLERS: ReadonlySet<string> = new Set(
  'the of in a an and or for to by on at as per with is has was properties property field column attribute'.split(
    ' ',
  ),
);

export interface Lexicon {
  /** Readings of a short form, each a list of words; empty when it is none. */
  readings(word: string): readonly (readonly string[])[];
  /** Other names of a run of words, each a list of words; empty when it has none. */
  phrases(words: readonly string[]): readonly (readonly string[])[];
  synonyms(a: string, b: string): boolean;
  /** Names of the groups of synonyms a word is in. */
  groups(word: string): readonly string[];
  words: ReadonlySet<string>;
  /** Short forms of three letters and more. */
  shortForms: ReadonlySet<string>;
}

export function createLexicon(stem: (word: string) => string): Lexicon {
  const readings = readAbbreviations();
  const groups = readSynonyms(stem);
  const phrases = readPhrases(stem);
  const words = new Set([
    ...[...readings.values()].flat(2),
    ...SYNONYMS.split(/\s+/).filter((word) => word.length > 1),
  ]);
  const none: readonly number[] = [];
  return {
    words,
    shortForms: new Set([...readings.keys()].filter((form) => form.length > 2)),
    readings: (word) => readings.get(word) ?? [],
    phrases: (words) => phrases.get(words.map(stem).join(' ')) ?? [],
    groups: (word) => (groups.get(stem(word)) ?? none).map((group) => `~${group}`),
    synonyms(a, b) {
      const ofA = groups.get(stem(a)) ?? none;
      const ofB = groups.get(stem(b)) ?? none;
      return ofA.some((group) => ofB.includes(group));
    },
  };
}

function readAbbreviations(): Map<string, string[][]> {
  const lines = ABBREVIATIONS.trim().split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [forms = '', meanings = ''] = line.split(' = ');
      const readings = meanings.split(', ').map((reading) => reading.split(' '));
      return forms.split(' ').map((form) => [form, readings] as const);
    }),
  );
}

function readPhrases(stem: (word: string) => string): Map<string, string[][]> {
  const found = new Map<string, string[][]>();
  for (const line of PHRASES.trim().split('\n')) {
    const [phrases = '', names = ''] = line.split(' = ');
    const others = names.split(', ').map((name) => name.split(' '));
    for (const phrase of phrases.split(', ')) {
      const key = phrase.split(' ').map(stem).join(' ');
      found.set(key, [...(found.get(key) ?? []), ...others.filter((other) => other.join(' ') !== phrase)]);
    }
  }
  return found;
}

function readSynonyms(stem: (word: string) => string): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [group, line] of SYNONYMS.trim().split('\n').entries()) {
    for (const word of new Set(line.split(' ').map(stem))) {
      groups.set(word, [...(groups.get(word) ?? []), group]);
    }
  }
  return groups;
}
