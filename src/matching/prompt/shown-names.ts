import { clipTokens, estimateTokens } from '../../domain/token-estimate.ts';
import { tokenize } from '../name-tokens.ts';

const MOST_TOKENS = 40;
/** More than a name needs, and enough to give orders with. */
const ODD = { characters: 56, words: 7 };
const UNNAMEABLE = /[\p{C}"'`{}<>\\]/u;

/** Names as the model sees them and answers with them, and back: each is bounded, and stands for one name only. */
export interface ShownNames {
  shown(name: string): string;
  /** Undefined: no such name was shown. */
  named(shown: string): string | undefined;
}

export function createShownNames(show: (name: string) => string = bounded): ShownNames {
  const byName = new Map<string, string>();
  const byShown = new Map<string, string>();
  return {
    shown(name) {
      const known = byName.get(name);
      if (known !== undefined) return known;
      const text = show(name);
      let shown = text === name ? name : numbered(text, byName.size);
      for (let nth = byName.size; byShown.has(shown); nth++) shown = numbered(text, nth);
      byName.set(name, shown);
      byShown.set(shown, name);
      return shown;
    },
    named: (shown) => byShown.get(shown),
  };
}

/** Every question about the table holds its columns: of a name that could be read as an order they hold nothing. */
export function columnText(name: string): string {
  return isOdd(name) ? '' : bounded(name);
}

function bounded(name: string): string {
  return isShowable(name) ? name : clipTokens(name.replace(/\p{C}+/gu, ' '), MOST_TOKENS - 8);
}

function numbered(text: string, nth: number): string {
  return `${text}…#${nth}`;
}

function isShowable(name: string): boolean {
  return !/\p{C}/u.test(name) && name.length <= 200 && estimateTokens(name) <= MOST_TOKENS;
}

/** A name that could be read as an order: it is asked about alone, so that it can speak for no other field. */
export function isOdd(name: string): boolean {
  return name.length > ODD.characters || UNNAMEABLE.test(name) || tokenize(name).length >= ODD.words;
}
