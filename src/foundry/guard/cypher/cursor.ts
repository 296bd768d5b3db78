import { Refusal, refuse } from '../verdict.ts';
import type { Token } from './tokens.ts';

/** The words are not what was expected here: another reading may be tried from where this one began. */
export class Unexpected extends Refusal {
  constructor(found: Token, expected: string) {
    const what = found.kind === 'end' ? 'the query ends' : `there is ${found.text}`;
    super('guard.unparsable', `The query is no Cypher that is read here: ${what} where ${expected} belongs.`);
    this.name = 'Unexpected';
  }
}

/** Each may read all that follows a second time. */
const MAX_ATTEMPTS = 2_000;

export interface Cursor {
  peek(ahead?: number): Token;
  next(): Token;
  /** Takes the word or sign if it is next. Words are compared without their case; a name in backticks is never a word. */
  accept(...words: string[]): boolean;
  expect(word: string): void;
  isNext(word: string, ahead?: number): boolean;
  /** Tries one reading; if its words do not fit, nothing was read and the answer is undefined. */
  attempt<T>(reading: () => T): T | undefined;
  /** The query's own text from a token on, up to the last one that was read. */
  textSince(token: Token): string;
}

export function createCursor(query: string, tokens: readonly Token[]): Cursor {
  let at = 0;
  let attempts = 0;
  const end: Token = tokens.at(-1) ?? { kind: 'end', text: '', start: 0, end: 0 };
  const peek = (ahead = 0) => tokens[at + ahead] ?? end;

  function isNext(word: string, ahead = 0): boolean {
    const { kind, text } = peek(ahead);
    return kind === 'name' ? text.toUpperCase() === word : kind === 'symbol' && text === word;
  }

  function accept(...words: string[]): boolean {
    const all = words.every((word, ahead) => isNext(word, ahead));
    if (all) at += words.length;
    return all;
  }

  return {
    peek,
    isNext,
    accept,
    next() {
      const token = peek();
      at += 1;
      return token;
    },
    expect(word) {
      if (!accept(word)) throw new Unexpected(peek(), word);
    },
    attempt(reading) {
      const before = at;
      attempts += 1;
      if (attempts > MAX_ATTEMPTS) refuse('guard.too_deep', 'The query has too many brackets in brackets.');
      try {
        return reading();
      } catch (error) {
        if (!(error instanceof Unexpected)) throw error;
        at = before;
        return undefined;
      }
    },
    textSince: (token) => query.slice(token.start, tokens[at - 1]?.end ?? token.start),
  };
}
