import { editDistance } from '../domain/nearest.ts';
import { Environment } from '../environment.ts';
import type { Given } from './faults.ts';

const KNOWN = Object.keys(Environment.shape);
/** What Ivory itself gives its taps, which may start a command of Ivory's. */
const OWN = ['IVORY_CHILD'];
/** A name of so few letters has too many near ones that are another program's. */
const SHORT = 9;

const SECRETS = [
  'IVORY_MASTER_KEY',
  'IVORY_CONFIG_KEY',
  'JWT_SECRET',
  'OPERATOR_PASSWORD',
  'METRICS_TOKEN',
] as const;

/** As configured, wherever from. */
export type Secrets = Partial<Record<(typeof SECRETS)[number], string | undefined>>;

/** What may be meant otherwise: misspelled settings in the surroundings of a process that serves `roles`, keys out of place, weak or shared secrets. */
export function settingCautions(environment: Given, roles: readonly string[], secrets: Secrets): string[] {
  const unknown = Object.keys(environment).filter((name) => !KNOWN.includes(name) && !OWN.includes(name));
  return [
    ...unknown.flatMap(cautionOf),
    ...strangeKey(environment, roles),
    ...missingKey(secrets, roles),
    ...sharedSecrets(secrets),
    ...shortPassword(secrets, roles),
  ];
}

/** What is given under nearly the name of a setting that is missing. */
export function misspelled(environment: Given, missing: string): string | undefined {
  return Object.keys(environment).find((name) => !KNOWN.includes(name) && isNear(name, missing));
}

function cautionOf(name: string): string[] {
  const near = KNOWN.find((known) => isNear(name, known));
  if (near !== undefined) return [`${name} is not a setting of Ivory. Did you mean ${near}?`];
  return name.startsWith('IVORY_') ? [`${name} is not a setting of Ivory.`] : [];
}

function isNear(name: string, known: string): boolean {
  if (Math.abs(name.length - known.length) > 2) return false;
  return editDistance(name.toUpperCase(), known) <= (known.length < SHORT ? 1 : 2);
}

const NO_RUNNERS = ['api', 'scheduler', 'transform', 'mapping'];

function strangeKey(environment: Given, roles: readonly string[]): string[] {
  const isOwn = roles.includes('runner') || !roles.some((role) => NO_RUNNERS.includes(role));
  if (isOwn || !environment['IVORY_CONFIG_KEY']?.trim()) return [];
  return [
    'IVORY_CONFIG_KEY is given to a process that is no runner: nothing else needs to open the configs of taps.',
  ];
}

function missingKey(secrets: Secrets, roles: readonly string[]): string[] {
  if (!roles.includes('runner') || secrets.IVORY_CONFIG_KEY) return [];
  return ['IVORY_CONFIG_KEY is missing: this runner fails every run whose connector has a config.'];
}

/** Who seals tap configs must not be able to open what is sealed at rest, and who may see the board must not sign tokens. */
function sharedSecrets(secrets: Secrets): string[] {
  return SECRETS.flatMap((name, at) => {
    const value = secrets[name];
    const other = SECRETS.slice(0, at).find((earlier) => value && secrets[earlier] === value);
    return other ? [`${name} is the same as ${other}: each secret needs a value of its own.`] : [];
  });
}

const LEAST_PASSWORD = 12;

function shortPassword(secrets: Secrets, roles: readonly string[]): string[] {
  const length = secrets.OPERATOR_PASSWORD?.length ?? 0;
  if (!roles.includes('api') || length === 0 || length >= LEAST_PASSWORD) return [];
  return [`OPERATOR_PASSWORD has fewer than ${LEAST_PASSWORD} characters.`];
}
