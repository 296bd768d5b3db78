import { SINGLE_TOKEN_WORDS } from './single-token-words.ts';

const RUN = /[A-Z]*[a-z]+|[A-Z]+|\d+|[ \t]+|[!-/:-@[-^`{-~]+|[^A-Za-z\d \t]/gu;
/** Letters whose pairs have no token of their own as often. */
const RARE = /[jkqvwxz]/gi;
const MOST_A_LETTER = 0.8;
/** What stands between the strings of a JSON document: a token each. */
const JSON_MARKS: ReadonlySet<string> = new Set([
  '":"',
  '","',
  '":',
  '{"',
  '"}',
  '},{"',
  '"},{"',
  '"},',
  '":["',
  '["',
  '"]',
  ',"',
  '":{"',
]);

/**
 * How many tokens a text is at most, near enough: by half too many for ordinary names and prose rather than one too few for text made to
 * be expensive, of any script. Byte-level BPE (o200k, cl100k) has a token for common words, most pairs of letters and every three
 * digits; whatever else there is costs at most its UTF-8 bytes.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const { run, before } of runsOf(text)) tokens += tokensOfRun(run, before);
  return tokens;
}

function* runsOf(text: string): Generator<{ run: string; before: string; index: number }> {
  let before = '';
  for (const { 0: run, index } of text.matchAll(RUN)) {
    yield { run, before, index };
    before = run;
  }
}

function tokensOfRun(run: string, before: string): number {
  const first = run.charCodeAt(0);
  if (first > 127) return Buffer.byteLength(run);
  if (/\d/.test(run)) return Math.ceil(run.length / 3);
  if (/[A-Za-z]/.test(run)) return tokensOfWord(run, before);
  if (JSON_MARKS.has(run)) return 1;
  return run === ' ' ? 0 : run.length;
}

function tokensOfWord(word: string, before: string): number {
  const joins = /^[A-Z]?[a-z]+$/.test(word) ? SINGLE_TOKEN_WORDS.get(word.toLowerCase()) : undefined;
  // The underscore is counted already.
  if (joins !== undefined) return joins && before === '_' && /^[a-z]/.test(word) ? 0 : 1;
  return Math.ceil(word.length * 0.55 + (word.match(RARE)?.length ?? 0) * 0.25);
}

/** A beginning of a text that is at most so many tokens, as long as it can be by runs of letters, never cut inside a character. */
export function clipTokens(text: string, tokens: number): string {
  const head = text.slice(0, tokens * 16).replace(/[\ud800-\udbff]$/, '');
  let used = 0;
  for (const { run, before, index } of runsOf(head)) {
    const cost = tokensOfRun(run, before);
    used += cost;
    if (used <= tokens) continue;
    const room = tokens - (used - cost);
    return head.slice(0, index + roomIn(run, room));
  }
  return head;
}

/** How many characters of a run cost no more than so many tokens. */
function roomIn(run: string, tokens: number): number {
  if (run.charCodeAt(0) > 127) return 0;
  return /^[A-Za-z\d]/.test(run) ? Math.floor(tokens / MOST_A_LETTER) : tokens;
}
