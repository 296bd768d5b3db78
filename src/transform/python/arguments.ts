import { fail } from './errors.ts';
import type { Meter } from './meter.ts';
import { type Named, type Py, typeName } from './values.ts';

/** A method of one kind of object: (meter, self, positional, named) -> value. */
export type Method<T> = (meter: Meter, self: T, args: readonly Py[], named: Named) => Py;
export type Methods<T> = Readonly<Record<string, Method<T>>>;

export const NO_NAMES: Named = new Map();

/**
 * Places arguments into parameters, undefined where none was given. `parameters`: names; one that cannot be given by name starts with '/'.
 * Throws TypeError.
 */
export function bind(
  what: string,
  parameters: readonly string[],
  required: number,
  args: readonly Py[],
  named: Named,
): (Py | undefined)[] {
  if (args.length > parameters.length) {
    throw fail(
      'TypeError',
      `${what}() takes at most ${parameters.length} argument${parameters.length === 1 ? '' : 's'} (${args.length + named.size} given)`,
    );
  }
  const bound: (Py | undefined)[] = parameters.map((_, i) => args[i]);
  for (const [name, value] of named) {
    const place = parameters.indexOf(name);
    if (place < 0) throw fail('TypeError', `${what}() got an unexpected keyword argument '${name}'`);
    if (bound[place] !== undefined)
      throw fail('TypeError', `${what}() got multiple values for argument '${name}'`);
    bound[place] = value;
  }
  const missing = bound.findIndex((value, i) => i < required && value === undefined);
  if (missing >= 0)
    throw fail(
      'TypeError',
      `${what}() missing required argument '${parameters[missing]?.replace('/', '')}' (pos ${missing + 1})`,
    );
  return bound;
}

/** Positional arguments only. */
export function positional(what: string, min: number, max: number, args: readonly Py[], named: Named): void {
  if (named.size > 0) throw fail('TypeError', `${what}() takes no keyword arguments`);
  if (args.length < min || args.length > max) {
    const wanted = min === max ? `exactly ${min}` : args.length < min ? `at least ${min}` : `at most ${max}`;
    throw fail(
      'TypeError',
      `${what}() takes ${wanted} argument${wanted.endsWith(' 1') ? '' : 's'} (${args.length} given)`,
    );
  }
}

export function textArgument(what: string, value: Py | undefined): string {
  if (typeof value === 'string') return value;
  throw fail('TypeError', `${what} must be str, not ${value === undefined ? 'NoneType' : typeName(value)}`);
}
