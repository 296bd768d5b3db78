/** Words of a setting's name that make its value a secret. */
const SECRET_WORDS =
  /pass|pwd|secret|token|credential|private|auth|bearer|cookie|session|cert|signature|salt|jwt|dsn|connection_?string|conn_?str|webhook|(^|_)(key|keys|apikey|accesskey|pin|otp|pat|sas|sig)(_|$)|api_?key|access_?key/;
/** Names that hold such a word and no secret. */
const NO_SECRETS =
  /^((table_)?key_(properties|fields|columns)|(primary|replication|partition|sort|bookmark|cursor|foreign|merge)_keys?|auth_?(type|method|mode)|token_type|keyspace|author)$/;
/** Last words of a name that say what is read, from where, how much and how: never who may. */
const HARMLESS_WORDS = new Set(
  [
    'stream streams schema schemas table tables view views collection collections object objects entity entities report reports resource resources',
    'name names path paths file files folder folders directory dir pattern patterns glob prefix suffix root format encoding delimiter separator quote',
    'date dates day days month months year years start end since until from to at lookback window interval frequency timezone tz',
    'host hostname hosts server port database db dbname catalog warehouse region location country locale language lang currency dialect driver',
    'type kind mode method version level environment env scheme protocol sslmode ssl order sort field fields column columns properties',
    'size limit max min count rows batch page pages chunk concurrency parallelism workers threads retries attempts timeout delay seconds minutes hours ms',
    'enabled selected include exclude select jail replication records flattening depth',
  ].flatMap((line) => line.split(' ')),
);
/** A name that is about a person or an account is not harmless for its last word. */
const PERSONAL_WORDS = new Set(
  'user username login email mail account customer client owner member phone'.split(' '),
);
const PLAIN_WORDS = new Set(['true', 'false', 'null', 'none', 'yes', 'no', 'on', 'off']);
const MIN_CHARS = 4;
const MAX_PLAIN_DIGITS = 4;
const MAX_HARMLESS_CHARS = 200;
const MIN_TOKEN_CHARS = 20;

export function isSecretName(name: string): boolean {
  const words = wordsOf(name);
  return SECRET_WORDS.test(words) && !NO_SECRETS.test(words);
}

export function isHarmlessName(name: string): boolean {
  const words = wordsOf(name).split('_');
  return HARMLESS_WORDS.has(words.at(-1) ?? '') && !words.some((word) => PERSONAL_WORDS.has(word));
}

/** "clientName", "X-Client-Name": "client_name". */
function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_');
}

/** Nothing in it could be a key: a date, a name, a host, a path, a pattern, a number. */
export function isHarmlessValue(text: string): boolean {
  return (
    text.length <= MAX_HARMLESS_CHARS &&
    /^[\w .,:;/*?+|^$()[\]{}\\-]*$/.test(text) &&
    !looksLikeCredential(text)
  );
}

/** Too common or too short to be taken out of every line. Under a secret's name only the words of logic are. */
export function isPlain(text: string, isNamed: boolean): boolean {
  if (text === '' || PLAIN_WORDS.has(text.toLowerCase())) return true;
  if (isNamed) return false;
  return (
    text.length < MIN_CHARS || (/^[\d.-]+$/.test(text) && text.replace(/\D/g, '').length <= MAX_PLAIN_DIGITS)
  );
}

/** A key file, a UUID, a run of letters and digits that nobody would take for words. */
export function looksLikeCredential(text: string): boolean {
  if (text.includes('-----BEGIN ')) return true;
  if (/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/i.test(text)) return true;
  const runs = text.match(/[\w+/=~-]+/g) ?? [];
  return runs.some((run) => run.length >= MIN_TOKEN_CHARS && !run.split(/[/_-]/).every(isWord));
}

/** Letters, then digits: "Orders", "v2", "2024". */
function isWord(text: string): boolean {
  return /^[A-Za-z]*\d{0,8}$/.test(text);
}
