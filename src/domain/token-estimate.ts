const RUN = /[A-Z]*[a-z]+|[A-Z]+|\d+|[ \t]+|[^A-Za-z\d \t]/gu;
/** Letters whose pairs have no token of their own as often. */
const RARE = /[jkqvwxz]/gi;
const MOST_A_LETTER = 0.8;

/**
 * How many tokens a text is at most, near enough: twice too many for prose rather than one too few for text made to be expensive, of any script.
 * Byte-level BPE (o200k, cl100k) has a token for most pairs of letters and every three digits; whatever else there is costs at most
 * its UTF-8 bytes.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const [run] of text.matchAll(RUN)) tokens += tokensOfRun(run);
  return tokens;
}

function tokensOfRun(run: string): number {
  const first = run.charCodeAt(0);
  if (first > 127) return Buffer.byteLength(run);
  if (/\d/.test(run)) return Math.ceil(run.length / 3);
  if (/[A-Za-z]/.test(run)) return Math.ceil(run.length * 0.55 + (run.match(RARE)?.length ?? 0) * 0.25);
  return run === ' ' ? 0 : 1;
}

/** A beginning of a text that is at most so many tokens, as long as it can be by runs of letters, never cut inside a character. */
export function clipTokens(text: string, tokens: number): string {
  const head = text.slice(0, tokens * 16).replace(/[\ud800-\udbff]$/, '');
  let used = 0;
  for (const { 0: run, index } of head.matchAll(RUN)) {
    used += tokensOfRun(run);
    if (used <= tokens) continue;
    const room = tokens - (used - tokensOfRun(run));
    return head.slice(0, index + (/^[A-Za-z\d]/.test(run) ? Math.floor(room / MOST_A_LETTER) : 0));
  }
  return head;
}
