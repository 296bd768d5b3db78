import { editDistance } from '../domain/nearest.ts';
import { Environment } from '../environment.ts';
import type { Given } from './faults.ts';

const KNOWN = Object.keys(Environment.shape);
/** What Ivory itself gives its taps, which may start a command of Ivory's. */
const OWN = ['IVORY_CHILD'];
/** A name of so few letters has too many near ones that are another program's. */
const SHORT = 9;

/** What may be meant otherwise in the surroundings of a process that serves `roles`: misspelled settings, and a key that is not its own. */
export function settingCautions(environment: Given, roles: readonly string[]): string[] {
  const unknown = Object.keys(environment).filter((name) => !KNOWN.includes(name) && !OWN.includes(name));
  return [...unknown.flatMap(cautionOf), ...strangeKey(environment, roles)];
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
