/** A run of letters that may be several words cut short and written together ("fyear", "custno", "mktcap"). */
const SHORTEST = 3;
const LONGEST = 24;

/**
 * How well one token reads as the beginnings or vowel-less forms of some words, in order and without a letter left over: 0 to 0.9.
 * "fyear" of fiscal year: high; "tic" of transaction id: low; letters in another order: 0.
 */
export function cutAlignment(token: string, words: readonly string[]): number {
  if (token.length < SHORTEST || token.length > LONGEST || words.length < 2) return 0;
  if (!words.some((word) => word[0] === token[0]) || !isSubsequence(token, words)) return 0;
  const letters = bestPieces(token, words);
  return letters <= 0 ? 0 : 0.9 * Math.min(1, letters / words.length);
}

/**
 * The best sum over words of how much of each is there; minus infinity when letters are left over. Time grows with words times letters
 * squared: a name of twenty words is read as fast as one of two.
 */
function bestPieces(token: string, words: readonly string[]): number {
  // best[at]: the most that can be had with the first `at` letters used by the words so far.
  const best = new Float64Array(token.length + 1).fill(Number.NEGATIVE_INFINITY);
  best[0] = 0;
  for (const word of words) {
    for (let from = token.length - 1; from >= 0; from--) {
      const before = best[from] ?? Number.NEGATIVE_INFINITY;
      if (before === Number.NEGATIVE_INFINITY) continue;
      const most = Math.min(token.length - from, word.length);
      for (let size = 1; size <= most; size++) {
        const quality = pieceQuality(token.slice(from, from + size), word);
        if (quality === 0) break;
        best[from + size] = Math.max(best[from + size] ?? 0, quality + before);
      }
    }
  }
  return best[token.length] ?? 0;
}

/** 0: no beginning of the word from here on. Negative: not itself a cut, though a longer piece may be. */
function pieceQuality(piece: string, word: string): number {
  if (piece[0] !== word[0]) return 0;
  const share = 0.55 + 0.45 * Math.min(1, piece.length / Math.min(4, word.length));
  if (word.startsWith(piece)) return share;
  const skeleton = word[0] + word.slice(1).replace(/[aeiouy]/g, '');
  if (skeleton.startsWith(piece)) return share;
  return subsequenceOf(piece, skeleton) ? share * 0.7 : 0;
}

function isSubsequence(token: string, words: readonly string[]): boolean {
  return subsequenceOf(token, words.join(''));
}

function subsequenceOf(short: string, long: string): boolean {
  let at = 0;
  for (let i = 0; i < long.length && at < short.length; i++) if (long[i] === short[at]) at++;
  return at === short.length;
}
