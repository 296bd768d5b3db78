const MIN_SECRET_CHARS = 4;
const CENSOR = '[secret]';

/** Takes every text of a config out of log lines: any string value is treated as a secret, whatever its name. */
export function createRedactor(config: Record<string, unknown>): (line: string) => string {
  const secrets = [...new Set(textsOf(config))]
    .flatMap((text) => [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)])
    .filter((text) => text.length >= MIN_SECRET_CHARS)
    .sort((a, b) => b.length - a.length);
  if (secrets.length === 0) return (line) => line;
  return (line) => secrets.reduce((text, secret) => text.replaceAll(secret, CENSOR), line);
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return value.split('\n');
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(textsOf);
  return [];
}
