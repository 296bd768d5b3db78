import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { z } from 'zod';
import { Environment } from './environment.ts';
import { type FieldError, InvalidError } from './errors.ts';

export type Config = Readonly<z.infer<typeof Environment>>;

/**
 * Reads the settings from the environment and, where a data folder is named, over it from `<dataDir>/env` (KEY=value lines).
 * Throws InvalidError `config.invalid` naming every wrong or missing setting at once.
 */
export function loadConfig(environment: NodeJS.ProcessEnv, dataDir?: string): Config {
  return parsed(Environment, gathered(environment, dataDir));
}

/** The same for a process that serves the API: it must know whose tokens to believe. */
export function loadApiConfig(environment: NodeJS.ProcessEnv, dataDir?: string): Config {
  const settings = gathered(environment, dataDir);
  const isGiven = [settings['JWT_SECRET'], settings['JWKS_URL']].some((text) => text?.trim());
  const missing = { field: 'JWT_SECRET, JWKS_URL', message: 'are missing: the API needs one of them' };
  return parsed(Environment, settings, isGiven ? [] : [missing]);
}

/** The same over settings already gathered. */
export function parseConfig(settings: Record<string, string | undefined>): Config {
  return parsed(Environment, settings);
}

/**
 * Only the settings a command needs, where and as loadConfig reads them; the others may be missing or wrong:
 * `loadSettings((all) => all.pick({ JWT_SECRET: true }), environment)`.
 */
export function loadSettings<Schema extends z.ZodType>(
  pick: (all: typeof Environment) => Schema,
  environment: NodeJS.ProcessEnv,
  dataDir?: string,
): z.infer<Schema> {
  return parsed(pick(Environment), gathered(environment, dataDir));
}

function gathered(environment: NodeJS.ProcessEnv, dataDir: string | undefined): NodeJS.ProcessEnv {
  const file = dataDir === undefined ? {} : readEnvFile(resolve(dataDir, 'env'));
  return { ...withoutEmpty(environment), ...file };
}

function parsed<Schema extends z.ZodType>(
  schema: Schema,
  settings: Record<string, string | undefined>,
  alsoMissing: readonly FieldError[] = [],
): z.infer<Schema> {
  const result = schema.safeParse(settings);
  if (result.success && alsoMissing.length === 0) return result.data;
  const wrong = (result.error?.issues ?? []).map((issue) => {
    const field = issue.path.join('.');
    return {
      field,
      message: settings[field] === undefined && issue.code === 'invalid_type' ? 'is missing' : issue.message,
    };
  });
  const errors = [...wrong, ...alsoMissing];
  const lines = errors.map((e) => `  ${e.field}: ${e.message}`);
  throw new InvalidError('config.invalid', `The settings are not complete:\n${lines.join('\n')}`, { errors });
}

/** The environment of this process. The only place that reads it. */
export function processEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

/** What an installer of Python packages needs to reach the registries and through the proxies this machine is configured for. */
const INSTALLER =
  /^(PATH|HOME|LANG|TMPDIR|XDG_CONFIG_(HOME|DIRS)|NETRC|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|(HTTPS?|ALL|NO)_PROXY|PIP_\w+|UV_\w+)$/i;

/** The environment that packages of taps are installed with; nothing of Ivory's own settings is in it. */
export function installerEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const wanted = Object.entries(environment).filter(([name]) => INSTALLER.test(name));
  return Object.fromEntries(wanted.flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

export function parseEnvFile(text: string): Record<string, string> {
  const pairs = text.split('\n').map((line) => /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line));
  return Object.fromEntries(pairs.flatMap((pair) => (pair ? [[pair[1], pair[2]]] : [])));
}

function readEnvFile(path: string): Record<string, string> {
  try {
    return parseEnvFile(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new InvalidError(
      'config.no_data_dir',
      `No settings at ${path}: start \`ivory dev\` on that folder first.`,
      { cause },
    );
  }
}

function withoutEmpty(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
}
