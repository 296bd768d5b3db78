import type { FieldError } from '../errors.ts';

export type Given = Readonly<Record<string, string | undefined>>;

/**
 * What is wrong with settings that are each of the right form: the secrets of an example, urls that cannot be read, and what a process that
 * serves `roles` ("api" and the names of pools) cannot do without. Never shows a value.
 */
export function settingFaults(settings: Given, roles: readonly string[]): FieldError[] {
  return [...unchangedExamples(settings), ...unreadableUrls(settings), ...missingFor(settings, roles)];
}

/** As in the examples of settings that come along: the whole value, or the password of a url. */
const EXAMPLE = /^(?:change[-_ ]?me[-_ ]?)+$|:change[-_ ]?me@/i;

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

function missingFor(settings: Given, roles: readonly string[]): FieldError[] {
  const isGiven = (name: string) => Boolean(settings[name]?.trim());
  if (!roles.includes('api') || isGiven('JWT_SECRET') || isGiven('JWKS_URL')) return [];
  return [{ field: 'JWT_SECRET, JWKS_URL', message: 'are missing: the API needs one of them' }];
}

function namesOf(settings: Given): string[] {
  return Object.keys(settings).filter((name) => /^[A-Z][A-Z0-9_]*$/.test(name));
}
