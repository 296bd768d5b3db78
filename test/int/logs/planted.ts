import { randomBytes } from 'node:crypto';

/** Texts nobody is to see where they do not belong, each of its own. */
export interface Planted {
  /** The same name again: the same text. */
  text(name: string): string;
  /** A secret that was made elsewhere. */
  know(name: string, text: string): void;
  /** Names of those a text shows. */
  shownIn(text: string): string[];
}

export function plantSecrets(): Planted {
  const texts = new Map<string, string>();
  return {
    text(name) {
      const known = texts.get(name);
      if (known) return known;
      // letters, digits and "_" only: it may be a name, a password or a word, and stands the same in URLs, JSON and SQL
      const made = `zq${randomBytes(9).toString('hex')}`;
      texts.set(name, made);
      return made;
    },
    know: (name, text) => void texts.set(name, text),
    shownIn: (shown) => [...texts].filter(([, text]) => shown.includes(text)).map(([name]) => name),
  };
}
