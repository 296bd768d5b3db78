import { secretsOf } from './config-secrets.ts';
import { CUT_MARK } from './lines.ts';
import { formsOf } from './secret-forms.ts';
import { createTextIndex, INDEXED_CHARS } from './text-index.ts';

const CENSOR = '[secret]';
/** So much of a long secret is not shown either: a key wrapped at another width, a token cut in the middle. */
const PART_CHARS = 16;
const MAX_PARTED_CHARS = 20_000;

export type Redact = (text: string) => string;

export interface RedactorOptions {
  /** Names of settings known to be secret: "credentials.api_token", or its last part. */
  secretKeys?: Iterable<string>;
}

/**
 * Takes the secrets of a config out of texts.
 *
 * Every text and number of a config is a secret, however deep it lies, unless
 * - it is a word of logic (true, none, ...) or, where its name does not tell it a secret, shorter than 4 characters or a number of up to 4 digits;
 * - its key says that it is harmless (start_date, streams, schema, host, page_size, ...) AND it looks harmless: no URL with a password, no
 *   token, no key, nothing odd. A key or a parent's key that speaks of a password, token, key and the like, or is in `secretKeys`, comes first.
 * Inside any value passwords of URLs, `password=`, `Bearer` and JSON are looked for as well.
 *
 * A secret is found as it is and as JSON, Python, a shell, SQL, XML, URLs, base64 and hex write it, line by line where it has lines, and from 16
 * characters on in parts. One of less than 4 characters is found where it stands alone. Works on whole lines: what is given must not be
 * cut, or be cut by `eachLine`, whose mark is known here.
 */
export function createRedactor(
  config: Record<string, unknown>,
  { secretKeys = [] }: RedactorOptions = {},
): Redact {
  const secrets = secretsOf(config, secretKeys);
  const forms = new Set(
    secrets.flatMap(({ text, sure }) => [...formsOf(text), ...(sure ? partsOf(text) : [])]),
  );
  const index = createTextIndex([...forms].filter((form) => form.length >= INDEXED_CHARS));
  const alone = standingAlone(
    secrets.filter(({ text, sure }) => sure && text.length < INDEXED_CHARS).map(({ text }) => text),
  );
  return (text) => {
    const isCut = text.endsWith(CUT_MARK);
    const body = isCut ? text.slice(0, -CUT_MARK.length) : text;
    const clean = alone(index.replace(body, CENSOR, isCut));
    return isCut ? clean + CUT_MARK : clean;
  };
}

function partsOf(text: string): string[] {
  if (text.length <= PART_CHARS || text.length > MAX_PARTED_CHARS || /\s/.test(text)) return [];
  return Array.from({ length: text.length - PART_CHARS + 1 }, (_, at) => text.slice(at, at + PART_CHARS));
}

function standingAlone(texts: readonly string[]): Redact {
  if (texts.length === 0) return (text) => text;
  const any = [...new Set(texts)].sort((a, b) => b.length - a.length).map((text) => RegExp.escape(text));
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${any.join('|')})(?![\\p{L}\\p{N}_])`, 'gu');
  return (text) => text.replace(pattern, CENSOR);
}
