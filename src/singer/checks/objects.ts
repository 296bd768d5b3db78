import { isObject } from '../json-schema.ts';
import { allOf, type Check, type Rule, type SchemaScope, sizeLimits } from './check.ts';
import { patternTest } from './pattern-test.ts';

export const requiredRule: Rule = ({ required }) => {
  if (!Array.isArray(required) || required.length === 0) return null;
  return requires(required.map(String));
};

/** properties, patternProperties and additionalProperties. */
export const propertiesRule: Rule = (schema, { compile }) => {
  const { properties, additionalProperties, patternProperties } = schema;
  if (properties !== undefined && !isObject(properties)) throw new TypeError('properties must be an object');
  const checks = new Map(Object.entries(properties ?? {}).map(([name, each]) => [name, compile(each)]));
  const patterns = isObject(patternProperties)
    ? Object.entries(patternProperties).map(([name, each]) => ({
        test: patternTest(name),
        check: compile(each),
      }))
    : [];
  const open = additionalProperties === undefined || additionalProperties === true;
  if (checks.size === 0 && patterns.length === 0 && open) return null;
  const others = open ? null : compile(additionalProperties);
  return (value, path) => {
    if (!isObject(value)) return null;
    for (const name in value) {
      const at = path === '' ? name : `${path}.${name}`;
      const own = checks.get(name);
      const problem =
        own?.(value[name], at) ?? (patterns.length > 0 || !own ? otherProblem(value[name], at, name) : null);
      if (problem) return problem;
    }
    return null;
  };

  function otherProblem(value: unknown, at: string, name: string): string | null {
    const found = patterns.filter(({ test }) => test(name) !== false);
    for (const { check } of found) {
      const problem = check(value, at);
      if (problem) return problem;
    }
    return found.length > 0 || checks.has(name) ? null : (others?.(value, at) ?? null);
  }
};

/** propertyNames, minProperties and maxProperties. */
export const namesRule: Rule = (schema, { compile }) => {
  const within = sizeLimits(schema, 'Properties');
  const names = schema['propertyNames'] === undefined ? null : compile(schema['propertyNames']);
  if (!within && !names) return null;
  return (value, path) => {
    if (!isObject(value)) return null;
    const all = Object.keys(value);
    if (within && !within(all.length)) return `${path}: has too few or too many properties`;
    return names && all.some((name) => names(name, path) !== null)
      ? `${path}: has a property of a wrong name`
      : null;
  };
};

/** dependencies, dependentRequired and dependentSchemas. */
export const dependenciesRule: Rule = (schema, scope) => {
  const checks = ['dependencies', 'dependentRequired', 'dependentSchemas'].flatMap((keyword) =>
    dependenciesOf(schema[keyword], scope),
  );
  return allOf(checks);
};

function dependenciesOf(list: unknown, { compile }: SchemaScope): Check[] {
  const entries: [string, unknown][] = isObject(list) ? Object.entries(list) : [];
  return entries.map(([name, needed]) => {
    const check = Array.isArray(needed) ? requires(needed.map(String)) : compile(needed);
    return (value, path) => (isObject(value) && Object.hasOwn(value, name) ? check(value, path) : null);
  });
}

function requires(names: readonly string[]): Check {
  return (value, path) => {
    if (!isObject(value)) return null;
    for (const name of names) if (!Object.hasOwn(value, name)) return `${path}: "${name}" is required`;
    return null;
  };
}
