export type Scrub = (text: string) => string;

/** Shorter ones are words: to take them out would tell more than it hides. */
const MIN_SECRET = 8;
const MAX_CHARACTERS = 1_000;

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // up to the last @ of the word: a password may hold one
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s"'<>]*@/gi, '$1[secret]@'],
  [/(:\/\/[^\s?"'<>]*)\?[^\s"'<>]+/g, '$1?[query]'],
  [/\b(Bearer|Basic)\s+[\w+/=.~-]+/gi, '$1 [secret]'],
  [/\beyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)?/g, '[secret]'],
  [/\b(?:whsec_|sk-|ghp_|xox[abprs]-)[\w+/=-]{6,}/g, '[secret]'],
  [
    /\b([\w-]*(?:password|passwd|pwd|secret|token|api[_-]?key|authorization|credential)s?)(["']?\s*[:=]\s*["']?)(?!\[secret\])[^\s"',;&})]+/gi,
    '$1$2[secret]',
  ],
];

/**
 * Makes the verb that takes out of a text what it must not show in a log: the given secrets, as they are and as URLs write them, the user and the
 * query of URLs, tokens and `password=`; and all of it beyond the first thousand characters.
 */
export function createScrubber(secrets: readonly string[]): Scrub {
  const known = knownSecrets(secrets);
  return (text) => {
    const short = text.length > MAX_CHARACTERS ? text.slice(0, 2 * MAX_CHARACTERS) : text;
    let clean = known ? short.replace(known, '[secret]') : short;
    if (/[:=@]|\s|eyJ|sk-/.test(clean))
      for (const [pattern, by] of PATTERNS) clean = clean.replace(pattern, by);
    if (clean.length <= MAX_CHARACTERS && short.length === text.length) return clean;
    return `${clean.slice(0, MAX_CHARACTERS)}… (${text.length} characters)`;
  };
}

function knownSecrets(secrets: readonly string[]): RegExp | null {
  const forms = secrets
    .filter((secret) => secret.length >= MIN_SECRET)
    .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return longestFirst.length === 0 ? null : new RegExp(longestFirst.map(RegExp.escape).join('|'), 'g');
}
