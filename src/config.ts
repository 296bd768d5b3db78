import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { z } from 'zod';
import { Environment } from './environment.ts';
import { type FieldError, InvalidError, SettingsError } from './errors.ts';
import { misspelled } from './settings/cautions.ts';
import { type Given, settingFaults } from './settings/faults.ts';

export type Config = Readonly<z.infer<typeof Environment>>;

/**
 * Reads the settings from the environment and, where a data folder is named, over it from `<dataDir>/env` (KEY=value lines).
 * Throws SettingsError naming every wrong or missing setting at once.
 */
export function loadConfig(environment: NodeJS.ProcessEnv, dataDir?: string): Config {
  return loadFor([], environment, dataDir);
}

/** The same for a process that serves the API: it must know whose tokens to believe. */
export function loadApiConfig(environment: NodeJS.ProcessEnv, dataDir?: string): Config {
  return loadFor(['api'], environment, dataDir);
}

function loadFor(roles: readonly string[], environment: NodeJS.ProcessEnv, dataDir?: string): Config {
  const settings = gathered(environment, dataDir);
  return parsed(Environment, settings, roles);
}

/** The same over settings already gathered. */
export function parseConfig(settings: Record<string, string | undefined>): Config {
  return parsed(Environment, settings);
}

/**
 * Only the settings a command needs, where and as loadConfig reads them; the others may be missing or wrong:
 * `loadSettings((all) => all.pick({ JWT_SECRET: true }), environment)`.
 */
export function loadSettings<Shape extends z.ZodRawShape>(
  pick: (all: typeof Environment) => z.ZodObject<Shape>,
  environment: NodeJS.ProcessEnv,
  dataDir?: string,
): z.infer<z.ZodObject<Shape>> {
  return parsed(pick(Environment), gathered(environment, dataDir));
}

function gathered(environment: NodeJS.ProcessEnv, dataDir: string | undefined): NodeJS.ProcessEnv {
  const file = dataDir === undefined ? {} : readEnvFile(resolve(dataDir, 'env'));
  return { ...withoutEmpty(environment), ...file };
}

function parsed<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  settings: Record<string, string | undefined>,
  roles: readonly string[] = [],
): z.infer<z.ZodObject<Shape>> {
  const asked = Object.fromEntries(Object.keys(schema.shape).map((name) => [name, settings[name]]));
  const result = schema.safeParse(asked);
  const faults = settingFaults(asked, roles);
  if (result.success && faults.length === 0) return result.data;
  const wrong = (result.error?.issues ?? []).map((issue) => faultOf(issue, asked));
  const told = firstOfEach([...faults.filter(({ field }) => asked[field]), ...wrong, ...faults]);
  throw new SettingsError(told.map((fault) => withNearMiss(fault, asked, settings)));
}

function faultOf(issue: z.core.$ZodIssue, settings: Record<string, string | undefined>): FieldError {
  const field = issue.path.join('.');
  if (issue.code !== 'invalid_type') return { field, message: issue.message };
  if (settings[field] === undefined) return { field, message: 'is missing' };
  return { field, message: issue.expected === 'number' ? 'must be a number' : issue.message };
}

/** What is missing may have been given under nearly its name. */
function withNearMiss(fault: FieldError, asked: Given, settings: Given): FieldError {
  const names = fault.field.split(', ').filter((name) => !asked[name]);
  const near = names.map((name) => misspelled(settings, name)).find((name) => name !== undefined);
  return near === undefined ? fault : { ...fault, message: `${fault.message} (is ${near} meant?)` };
}

/** One complaint a setting: the first. In the order of the schema's settings, then those that name more than one. */
function firstOfEach(errors: readonly FieldError[]): FieldError[] {
  const order = [...Object.keys(Environment.shape)];
  const rank = ({ field }: FieldError) => (order.includes(field) ? order.indexOf(field) : order.length);
  const first = errors.filter(({ field }, at) => errors.findIndex((other) => other.field === field) === at);
  return first.toSorted((a, b) => rank(a) - rank(b));
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
