/**
 * How many tokens a text is at most, near enough: rather a third too many than one too few, for text of any script and for text made to be
 * expensive. Byte-level BPE (o200k, cl100k) has a token for nearly every pair of letters and every three digits; whatever else there
 * is costs at most its UTF-8 bytes.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const [run] of text.matchAll(/[A-Z]*[a-z]+|[A-Z]+|\d+|[ \t]+|[^A-Za-z\d \t]/gu)) {
    tokens += tokensOfRun(run);
  }
  return tokens;
}

function tokensOfRun(run: string): number {
  const first = run.charCodeAt(0);
  if (first > 127) return Buffer.byteLength(run);
  if (/\d/.test(run)) return Math.ceil(run.length / 3);
  if (/[A-Za-z]/.test(run)) return Math.ceil(run.length / 2);
  return run === ' ' ? 0 : 1;
}

/** The longest beginning of a text that is at most so many tokens, never cut inside a character. */
export function clipTokens(text: string, tokens: number): string {
  const characters = [...text.slice(0, tokens * 16)];
  while (characters.length > 0 && estimateTokens(characters.join('')) > tokens) {
    characters.length -= Math.max(1, Math.floor(characters.length / 8));
  }
  return characters.join('');
}
