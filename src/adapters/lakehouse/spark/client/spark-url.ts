import { InvalidError } from '../../../../errors.ts';

export type SparkAuth = { kind: 'basic'; user: string; password: string } | { kind: 'bearer'; token: string };

/** Where a Spark Thrift server listens and how it is spoken to. */
export interface SparkEndpoint {
  tls: boolean;
  host: string;
  port: number;
  /** "/cliservice" */
  path: string;
  auth: SparkAuth;
  /** Catalog every session starts in; null: the server's own default. */
  catalog: string | null;
  /** PEM file with the certificates to trust instead of the system's. */
  caFile: string | null;
}

/** What Hive's own clients say where nobody has a name; the server refuses an empty password whatever it does with it. */
const ANONYMOUS = 'anonymous';
const SETTINGS = ['catalog', 'token', 'ca'];
const DEFAULT_PORT = { tls: 443, plain: 10_001 };

/**
 * Reads `spark+http[s]://user:password@host:port/path?catalog=..&token=..&ca=<PEM file>`. Port 10001 (443 with TLS) and path /cliservice
 * unless given; a token goes as bearer and excludes a user. Throws InvalidError `lakehouse.url_invalid`, which never repeats the url.
 */
export function parseSparkUrl(text: string): SparkEndpoint {
  const url = URL.canParse(text) ? new URL(text) : refuse('it is not a url');
  const tls = url.protocol === 'spark+https:';
  if (!tls && url.protocol !== 'spark+http:') refuse('it must begin with spark+http:// or spark+https://');
  if (url.hostname === '') refuse('it names no host');
  if (url.hash !== '') refuse('it has a fragment (write # as %23)');
  const unknown = [...url.searchParams.keys()].find((name) => !SETTINGS.includes(name));
  if (unknown !== undefined) refuse(`"${unknown}" is not one of ${SETTINGS.join(', ')}`);
  const caFile = setting(url, 'ca');
  if (caFile !== null && !tls) refuse('"ca" needs spark+https://');
  return {
    tls,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (tls ? DEFAULT_PORT.tls : DEFAULT_PORT.plain) : Number(url.port),
    path: url.pathname === '' || url.pathname === '/' ? '/cliservice' : url.pathname,
    auth: authOf(url),
    catalog: setting(url, 'catalog'),
    caFile,
  };
}

function authOf(url: URL): SparkAuth {
  const token = setting(url, 'token');
  const user = decoded(url.username);
  if (user.includes(':')) refuse('a user of basic authentication cannot have a colon');
  if (token === null)
    return { kind: 'basic', user: user || ANONYMOUS, password: decoded(url.password) || ANONYMOUS };
  if (user !== '') refuse('it has both a user and a token');
  if (!/^[\x21-\x7e]+$/.test(token)) refuse('the token has a character no header can carry (write + as %2B)');
  return { kind: 'bearer', token };
}

function setting(url: URL, name: string): string | null {
  const values = url.searchParams.getAll(name);
  if (values.length > 1) refuse(`"${name}" is given twice`);
  return values[0] || null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse('user or password is not percent-encoded (write % as %25)');
  }
}

function refuse(why: string): never {
  throw new InvalidError('lakehouse.url_invalid', `The lakehouse url cannot be used: ${why}.`);
}
