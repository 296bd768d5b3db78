import type { JsonObject } from '../json-schema.ts';

/** What is wrong with a value, as "field: reason", or null. Values are as the reader gives them: lossy numbers are marked text. */
export type Check = (value: unknown, path: string) => string | null;

/** What a rule needs beside its schema. */
export interface SchemaScope {
  root: JsonObject;
  compile(schema: unknown): Check;
}

/** The check some keywords of a schema ask for; null: none of them is there. */
export type Rule = (schema: JsonObject, scope: SchemaScope) => Check | null;

export function firstProblem(checks: readonly Check[], value: unknown, path: string): string | null {
  for (const check of checks) {
    const problem = check(value, path);
    if (problem !== null) return problem;
  }
  return null;
}

export function allOf(checks: readonly Check[]): Check | null {
  const [first, second] = checks;
  if (!first) return null;
  return second ? (value, path) => firstProblem(checks, value, path) : first;
}

/** Whether a size is within the limits that `min<what>` and `max<what>` give; null: they give none. */
export function sizeLimits(schema: JsonObject, what: string): ((size: number) => boolean) | null {
  const [low, high] = [schema[`min${what}`], schema[`max${what}`]];
  if (typeof low !== 'number' && typeof high !== 'number') return null;
  return (size) => !(typeof low === 'number' && size < low) && !(typeof high === 'number' && size > high);
}
