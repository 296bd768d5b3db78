import type { FieldError } from '../errors.ts';

export type Given = Readonly<Record<string, string | undefined>>;

/**
 * What is wrong with settings that are each of the right form: the secrets of an example, urls that cannot be read, one value for two keys,
 * and what a process that serves `roles` ("api" and the names of pools) cannot do without. Never shows a value.
 */
export function settingFaults(settings: Given, roles: readonly string[]): FieldError[] {
  return [
    ...unchangedExamples(settings),
    ...unreadableUrls(settings),
    ...sharedSecrets(settings),
    ...missingFor(settings, roles),
  ];
}

/** As in the examples of settings that come along. */
const EXAMPLE = /change[-_ ]?me/i;

function unchangedExamples(settings: Given): FieldError[] {
  return namesOf(settings)
    .filter((name) => EXAMPLE.test(settings[name] ?? ''))
    .map((field) => ({ field, message: 'still has the "change-me" of its example' }));
}

const URLS = [
  'DATABASE_URL',
  'REDIS_URL',
  'LAKEHOUSE_URL',
  'QUESTDB_URL',
  'FALKORDB_URL',
  'MELTANO_LOADER_URL',
];

function unreadableUrls(settings: Given): FieldError[] {
  return URLS.filter((name) => settings[name]?.trim() && !isReadable(settings[name] ?? '')).map((field) => ({
    field,
    message:
      'cannot be read as a url: characters such as @ / # in a user or password are written %40 %2F %23',
  }));
}

/** A stray # cuts a url where it still is one. Postgres' drivers take a list of hosts, which no url has. */
function isReadable(given: string): boolean {
  const url = given.trim().replace(/(@|:\/\/)([^/@,]+)(,[^/@,]+)+/, '$1$2');
  return URL.canParse(url) && !url.includes('#');
}

const SECRETS = ['IVORY_MASTER_KEY', 'IVORY_CONFIG_KEY', 'JWT_SECRET', 'OPERATOR_PASSWORD', 'METRICS_TOKEN'];

/** Who seals tap configs must not be able to open what is sealed at rest, and who may see the board must not sign tokens. */
function sharedSecrets(settings: Given): FieldError[] {
  return SECRETS.flatMap((field, at) => {
    const value = settings[field]?.trim();
    const other = SECRETS.slice(0, at).find((name) => value && settings[name]?.trim() === value);
    return other ? [{ field, message: `is the same as ${other}: each secret needs a value of its own` }] : [];
  });
}

function missingFor(settings: Given, roles: readonly string[]): FieldError[] {
  const isGiven = (name: string) => Boolean(settings[name]?.trim());
  const missing: FieldError[] = [];
  if (roles.includes('api') && !isGiven('JWT_SECRET') && !isGiven('JWKS_URL'))
    missing.push({ field: 'JWT_SECRET, JWKS_URL', message: 'are missing: the API needs one of them' });
  if (roles.includes('runner') && !isGiven('IVORY_CONFIG_KEY'))
    missing.push({
      field: 'IVORY_CONFIG_KEY',
      message: 'is missing: a runner opens the configs of taps with it',
    });
  return missing;
}

function namesOf(settings: Given): string[] {
  return Object.keys(settings).filter((name) => /^[A-Z][A-Z0-9_]*$/.test(name));
}
