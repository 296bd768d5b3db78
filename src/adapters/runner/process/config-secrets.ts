import {
  isHarmlessName,
  isHarmlessValue,
  isPlain,
  isSecretName,
  looksLikeCredential,
} from './secret-names.ts';

/** A text of a config that nobody is to read in a log. */
export interface Secret {
  text: string;
  /** By its name or its looks it is one; else it is only not known to be harmless. */
  sure: boolean;
}

const MAX_DEPTH = 20;

/** The secrets in a config, however deep: in lists, in JSON and key files written as a text, in URLs and connection strings. */
export function secretsOf(config: Record<string, unknown>, secretKeys: Iterable<string> = []): Secret[] {
  const known = new Set([...secretKeys].map((key) => key.toLowerCase()));
  return [...valueSecrets(config, { names: [], known })];
}

interface Place {
  /** Keys from the outside to the value; lists add none. */
  names: readonly string[];
  known: ReadonlySet<string>;
}

function* valueSecrets(value: unknown, place: Place): Generator<Secret> {
  if (place.names.length > MAX_DEPTH) return;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
    yield* textSecrets(String(value), place);
  } else if (Array.isArray(value)) {
    for (const each of value) yield* valueSecrets(each, place);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, each] of Object.entries(value))
      yield* valueSecrets(each, { ...place, names: [...place.names, name] });
  }
}

function* textSecrets(text: string, place: Place): Generator<Secret> {
  const isNamed = isKnown(place) || place.names.some(isSecretName);
  yield* innerSecrets(text, place);
  if (isPlain(text, isNamed)) return;
  const name = place.names.at(-1) ?? '';
  if (!isNamed && isHarmlessName(name) && isHarmlessValue(text)) return;
  const sure = isNamed || looksLikeCredential(text);
  for (const each of piecesOf(text)) if (!isPlain(each, isNamed)) yield { text: each, sure };
}

/** A setting is known by its whole name ("credentials.api_token") or its last part; what it holds is as secret as itself. */
function isKnown({ names, known }: Place): boolean {
  const small = names.map((name) => name.toLowerCase());
  return small.some((name, depth) => known.has(name) || known.has(small.slice(0, depth + 1).join('.')));
}

/** The whole, its lines (a key is printed line by line, also one whose line ends are written as \n), and all of a key in one. */
function piecesOf(text: string): string[] {
  const lines = text.split(/\r?\n|\\r\\n|\\n/).map((line) => line.trim());
  if (lines.length === 1) return [text];
  const secretLines = lines.filter((line) => line.length > 0 && !/^-----.*-----$/.test(line));
  return [text, ...secretLines, secretLines.join('')];
}

function* innerSecrets(text: string, place: Place): Generator<Secret> {
  if (/^\s*[[{]/.test(text)) {
    const parsed = parseJson(text);
    if (typeof parsed === 'object') yield* valueSecrets(parsed, { ...place, names: [...place.names, ''] });
  }
  for (const found of [...urlPasswords(text), ...assigned(text), ...headerToken(text)])
    for (const each of [found, decoded(found)]) if (each !== '') yield { text: each, sure: true };
}

/** "postgres://user:password@host": up to the last @, and up to the first. */
function urlPasswords(text: string): string[] {
  return [/:\/\/[^\s:/@]*:(\S*)@/g, /:\/\/[^\s:/@]*:([^\s@/]*)@/g].flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, password = '']) => password),
  );
}

/** "password=x;", "?api_key=x&": connection strings and queries. */
function assigned(text: string): string[] {
  const pairs = text.matchAll(
    /(?:^|[?&;,\s])([\w.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|\{([^}]*)\}|([^\s&;,]+))/g,
  );
  return [...pairs]
    .filter(([, name = '']) => isSecretName(name))
    .map((pair) => pair.slice(2).find(Boolean) ?? '');
}

/** "Bearer x", "Basic <base64 of user:password>". */
function headerToken(text: string): string[] {
  const [, scheme = '', token = ''] = /^\s*(bearer|basic|token)\s+(\S+)\s*$/i.exec(text) ?? [];
  if (scheme.toLowerCase() !== 'basic') return [token];
  const [, ...password] = Buffer.from(token, 'base64').toString().split(':');
  return [token, password.join(':')];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
