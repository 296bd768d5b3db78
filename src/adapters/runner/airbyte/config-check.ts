import { InvalidError } from '../../../errors.ts';
import { isObject, type JsonObject } from '../../../singer/json-schema.ts';
import { compileCheck } from '../../../singer/record-check.ts';

const DEEPEST = 32;

/**
 * Checks a config against the source's own specification (JSON Schema draft 7) before the source is started with it. Throws InvalidError
 * `connector.config_invalid`, which says the field and what is wrong with it, never its value.
 */
export function assertConfig(specification: JsonObject, config: Record<string, unknown>): void {
  const problem = problemIn(fitted(specification, config, 0), config);
  if (problem === null) return;
  throw new InvalidError(
    'connector.config_invalid',
    `The config does not fit what the source asks for: ${problem.replace(/^: /, '')}.`,
  );
}

/** A specification that makes no sense as a schema is left to the source. */
function problemIn(schema: unknown, config: Record<string, unknown>): string | null {
  try {
    return compileCheck(schema)(config, '');
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * The schema with every choice replaced by the branch the value has picked (its `const` or only `enum` says so), so that what is wrong is said of a field
 * of that branch; and without patterns that are no regular expression here.
 */
function fitted(schema: unknown, value: unknown, depth: number): unknown {
  if (!isObject(schema) || depth > DEEPEST) return schema;
  const { oneOf, anyOf, properties, pattern, ...rest } = schema;
  const branches = [oneOf, anyOf].find(Array.isArray);
  const picked = branches?.filter((branch) => isPicked(branch, value)) ?? [];
  const [only] = picked;
  return {
    ...rest,
    ...(isPattern(pattern) ? { pattern } : {}),
    ...(isObject(properties) ? { properties: fittedProperties(properties, value, depth) } : {}),
    ...(picked.length === 1
      ? { allOf: [fitted(only, value, depth + 1), ...(Array.isArray(rest['allOf']) ? rest['allOf'] : [])] }
      : { ...(oneOf === undefined ? {} : { oneOf }), ...(anyOf === undefined ? {} : { anyOf }) }),
  };
}

function fittedProperties(properties: JsonObject, value: unknown, depth: number): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [
      name,
      fitted(schema, isObject(value) ? value[name] : undefined, depth + 1),
    ]),
  );
}

/** Whether a branch of a choice has a constant and the value has the same. */
function isPicked(branch: unknown, value: unknown): boolean {
  if (!isObject(branch) || !isObject(branch['properties']) || !isObject(value)) return false;
  const constants = Object.entries(branch['properties']).flatMap(([name, schema]) => {
    const constant = constantOf(schema);
    return constant === undefined ? [] : [[name, constant] as const];
  });
  return constants.length > 0 && constants.every(([name, constant]) => value[name] === constant);
}

function constantOf(schema: unknown): unknown {
  if (!isObject(schema)) return undefined;
  const { enum: allowed } = schema;
  return schema['const'] ?? (Array.isArray(allowed) && allowed.length === 1 ? allowed[0] : undefined);
}

function isPattern(pattern: unknown): pattern is string {
  if (typeof pattern !== 'string') return false;
  try {
    new RegExp(pattern, 'u');
    return true;
  } catch {
    return false;
  }
}
