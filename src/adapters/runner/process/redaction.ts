const MIN_SECRET_CHARS = 4;
const CENSOR = '[secret]';

export type Redact = (text: string) => string;

/**
 * Takes every value of a config out of texts: any text or number of 4 characters or more is treated as a secret, whatever its name and
 * however deep it lies; as it is, as JSON writes it, as a URL does, and in base64. Works on whole lines: a part of a secret is not found.
 */
export function createRedactor(config: Record<string, unknown>): Redact {
  const secrets = [...new Set([...textsOf(config)].flatMap(formsOf))]
    .filter((text) => text.length >= MIN_SECRET_CHARS)
    .sort((a, b) => b.length - a.length);
  if (secrets.length === 0) return (line) => line;
  return (line) => secrets.reduce((text, secret) => text.replaceAll(secret, CENSOR), line);
}

function formsOf(text: string): string[] {
  if (text.length < MIN_SECRET_CHARS) return [];
  const wellFormed = text.toWellFormed();
  return [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(wellFormed),
    new URLSearchParams([['', wellFormed]]).toString().slice(1),
    Buffer.from(text).toString('base64').replace(/=+$/, ''),
  ];
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return value.split(/\r?\n/);
  if (typeof value === 'number') return [String(value)];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(textsOf);
  return [];
}
