/** Finds any of many texts, however many they are, in one pass. */
export interface TextIndex {
  /**
   * Puts `mark` in the place of every one of the texts; where some overlap or touch, one in the place of all. `isCut`: the text goes on
   * where it ends, and what may be the beginning of one there is replaced too.
   */
  replace(text: string, mark: string, isCut: boolean): string;
}

/** Texts to be found have at least so many characters. */
export const INDEXED_CHARS = 4;

const SLOTS = 2 ** 16;

export function createTextIndex(wanted: readonly string[]): TextIndex {
  const byStart = new Map<string, string[]>();
  const begins = new Uint8Array(SLOTS);
  for (const each of [...wanted].sort((a, b) => b.length - a.length)) {
    const start = each.slice(0, INDEXED_CHARS);
    begins[slotOf(each, 0)] = 1;
    const same = byStart.get(start);
    if (same) same.push(each);
    else byStart.set(start, [each]);
  }

  /** Where the longest of them that begins at `at` ends; `at`: there is none. */
  function endAt(text: string, at: number, isCut: boolean): number {
    if (begins[slotOf(text, at)] === 0 && text.length - at >= INDEXED_CHARS) return at;
    const candidates = byStart.get(text.slice(at, at + INDEXED_CHARS)) ?? [];
    if (isCut && isBeginning(text.slice(at), candidates)) return text.length;
    const found = candidates.find((each) => text.startsWith(each, at));
    return at + (found?.length ?? 0);
  }

  function isBeginning(rest: string, candidates: readonly string[]): boolean {
    return (rest.length < INDEXED_CHARS ? wanted : candidates).some((each) => each.startsWith(rest));
  }

  return {
    replace(text, mark, isCut) {
      if (byStart.size === 0) return text;
      let clean = '';
      let shown = 0;
      let hidden = -1;
      for (let at = 0; at < text.length; at++) {
        const end = endAt(text, at, isCut);
        if (end === at) continue;
        if (at > hidden) clean += text.slice(shown, at) + mark;
        hidden = Math.max(hidden, end);
        shown = hidden;
      }
      return clean + text.slice(shown);
    },
  };
}

/** Of the two characters at `at`: most places in a text are passed over for them alone. */
function slotOf(text: string, at: number): number {
  return (text.charCodeAt(at) * 257 + text.charCodeAt(at + 1)) % SLOTS;
}
