import type { CatalogColumn, CatalogTable } from '../../domain/foundry/catalog.ts';
import { createLexicon } from '../../matching/lexicon.ts';
import { createSplitter, stem, tokenize } from '../../matching/name-tokens.ts';
import { formsOf, phrasesOf, type QuestionWord, questionWords } from './question-words.ts';

/** What a word of the question found in such a place is worth. */
const WORTH = { name: 4, column: 2, sample: 2.5, description: 1.2, columnDescription: 0.8 };
/** A likeness that says a table is about a word. */
const ABOUT = 0.8;

export interface RankedTable<Table> {
  table: Table;
  /** 0: nothing in the question points at it. */
  score: number;
}

export interface Ranking {
  rank<Table extends CatalogTable>(tables: readonly Table[]): RankedTable<Table>[];
  /** How much the question points at a column. */
  columnScore(column: CatalogColumn): number;
}

/** How much a question points at each table, by its names, comments and sample values. Words that point at many tables count less. */
export function createRanking(question: string): Ranking {
  const lexicon = createLexicon(stem);
  const split = createSplitter(lexicon.words, new Set([...lexicon.words, ...lexicon.shortForms]));
  const words = questionWords(question, lexicon, split);
  const phrases = phrasesOf(question);
  const byToken = memoized((token: string) => likeness(words, formsOf(token, lexicon)));
  const byText = memoized((text: string) =>
    best(tokenize(text).flatMap((token) => split(token).map((part) => byToken(part)))),
  );
  const bySample = memoized((sample: string) =>
    phrases.has(sample.toLowerCase()) ? saying(words, sample) : null,
  );

  function column({ name, description, samples }: CatalogColumn): Likeness {
    return best([
      times(byText(name), WORTH.column),
      description === null ? null : times(byText(description), WORTH.columnDescription),
      ...samples.map((sample) => times(bySample(sample), WORTH.sample)),
    ]);
  }

  function likenessOf(table: CatalogTable): Likeness {
    return best([
      times(byText(table.name.slice(table.name.lastIndexOf('.') + 1)), WORTH.name),
      table.description === null ? null : times(byText(table.description), WORTH.description),
      ...table.columns.map(column),
    ]);
  }

  return {
    rank(tables) {
      const found = tables.map(likenessOf);
      const rarity = words.map(({ weight }, n) => {
        const about = found.filter((values) => (values?.[n] ?? 0) >= ABOUT).length;
        return weight * Math.log(1 + tables.length / Math.max(1, about));
      });
      return tables.map((table, at) => ({
        table,
        score: rarity.reduce((sum, rare, n) => sum + rare * (found[at]?.[n] ?? 0), 0),
      }));
    },
    columnScore: (given) =>
      (column(given) ?? []).reduce((sum, value, n) => sum + value * (words[n]?.weight ?? 0), 0),
  };
}

/** By word of the question; null: none is like it. */
type Likeness = readonly number[] | null;

function likeness(words: readonly QuestionWord[], forms: ReadonlyMap<string, number>): Likeness {
  const values = words.map(({ forms: asked }) => {
    let value = 0;
    for (const [form, weight] of forms) value = Math.max(value, weight * (asked.get(form) ?? 0));
    return value;
  });
  return values.some((value) => value > 0) ? values : null;
}

/** The words of the question that a sample value is made of. */
function saying(words: readonly QuestionWord[], sample: string): Likeness {
  const parts = new Set(tokenize(sample));
  const values = words.map(({ word }) => (parts.has(word) ? 1 : 0));
  return values.includes(1) ? values : null;
}

function times(values: Likeness, factor: number): Likeness {
  return values?.map((value) => value * factor) ?? null;
}

function best(all: readonly Likeness[]): Likeness {
  let result: number[] | null = null;
  for (const values of all) {
    if (values === null) continue;
    if (result === null) result = [...values];
    else for (const [n, value] of values.entries()) result[n] = Math.max(result[n] ?? 0, value);
  }
  return result;
}

function memoized<Value>(of: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const value = of(text);
    known.set(text, value);
    return value;
  };
}
