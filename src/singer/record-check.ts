import { isDeepStrictEqual } from 'node:util';
import { isObject, type JsonObject, typesOf } from './json-schema.ts';
import { MARK_CODE, readMarked } from './number-text.ts';

/** What is wrong with a value, as "field: reason", or null. Values are as the reader gives them: lossy numbers are marked text. */
export type Check = (value: unknown, path: string) => string | null;

type Rule = (schema: JsonObject, root: JsonObject) => Check | null;

/**
 * Compiles a JSON schema (draft 4 to 7: type, enum, const, required, properties, additionalProperties, items, bounds, lengths,
 * pattern, allOf, anyOf, oneOf, not, local $ref). Formats are left to the column's type, as the Singer SDK leaves them. multipleOf
 * is not checked: taps write 1e-10 there, which no double satisfies. Throws TypeError or SyntaxError on a schema that makes no sense.
 */
export function compileCheck(schema: unknown, root: JsonObject = isObject(schema) ? schema : {}): Check {
  if (schema === true || schema === undefined) return () => null;
  if (schema === false) return (_value, path) => `${path}: nothing is allowed here`;
  if (!isObject(schema)) throw new TypeError('a schema must be an object or a boolean');
  const checks = RULES.map((rule) => rule(schema, root)).filter((check) => check !== null);
  const [first, second] = checks;
  if (!first) return () => null;
  if (!second) return first;
  return (value, path) => firstProblem(checks, value, path);
}

function firstProblem(checks: readonly Check[], value: unknown, path: string): string | null {
  for (const check of checks) {
    const problem = check(value, path);
    if (problem !== null) return problem;
  }
  return null;
}

const RULES: Rule[] = [
  typeRule,
  requiredRule,
  propertiesRule,
  itemsRule,
  enumRule,
  boundsRule,
  sizeRule,
  patternRule,
  combinedRule,
  refRule,
];

const TYPE_TESTS: Record<string, (value: unknown) => boolean> = {
  null: (value) => value === null,
  string: (value) =>
    typeof value === 'string' && (value.charCodeAt(0) !== MARK_CODE || numberOf(value) === null),
  boolean: (value) => typeof value === 'boolean',
  object: isObject,
  array: Array.isArray,
  number: (value) => numberOf(value) !== null,
  integer: (value) => Number.isInteger(typeof value === 'number' ? value : numberOf(value)),
};

function typeRule(schema: JsonObject): Check | null {
  if (schema['type'] === undefined) return null;
  const names = typesOf(schema);
  const tests = names.map((name) => TYPE_TESTS[name]).filter((test) => test !== undefined);
  if (names.length === 0 || tests.length < names.length)
    throw new TypeError(`unknown type ${JSON.stringify(schema['type'])}`);
  const expected = names.join(' or ');
  return (value, path) => {
    for (const test of tests) if (test(value)) return null;
    return `${path}: is not ${expected}`;
  };
}

function requiredRule({ required }: JsonObject): Check | null {
  if (!Array.isArray(required) || required.length === 0) return null;
  const names = required.map(String);
  return (value, path) => {
    if (!isObject(value)) return null;
    for (const name of names) if (!Object.hasOwn(value, name)) return `${path}: "${name}" is required`;
    return null;
  };
}

function propertiesRule(schema: JsonObject, root: JsonObject): Check | null {
  const { properties, additionalProperties, patternProperties } = schema;
  if (properties !== undefined && !isObject(properties)) throw new TypeError('properties must be an object');
  const checks = new Map(
    Object.entries(properties ?? {}).map(([name, each]) => [name, compileCheck(each, root)]),
  );
  const open =
    additionalProperties === undefined || additionalProperties === true || patternProperties !== undefined;
  if (checks.size === 0 && open) return null;
  const others = open ? null : compileCheck(additionalProperties, root);
  return (value, path) => {
    if (!isObject(value)) return null;
    for (const name in value) {
      const check = checks.get(name) ?? others;
      const problem = check?.(value[name], path === '' ? name : `${path}.${name}`);
      if (problem) return problem;
    }
    return null;
  };
}

function itemsRule({ items }: JsonObject, root: JsonObject): Check | null {
  if (items === undefined || typeof items === 'string') return null;
  const single = Array.isArray(items) ? null : compileCheck(items, root);
  const tuple = Array.isArray(items) ? items.map((item) => compileCheck(item, root)) : [];
  return (value, path) => {
    if (!Array.isArray(value)) return null;
    for (const [index, item] of value.entries()) {
      const problem = (single ?? tuple[index])?.(item, `${path}[${index}]`);
      if (problem) return problem;
    }
    return null;
  };
}

function enumRule(schema: JsonObject): Check | null {
  if (!Array.isArray(schema['enum']) && !('const' in schema)) return null;
  const allowed: unknown[] = Array.isArray(schema['enum']) ? schema['enum'] : [schema['const']];
  return (value, path) => {
    const plain = plainValue(value);
    return allowed.some((each) => isDeepStrictEqual(each, plain))
      ? null
      : `${path}: is not one of the allowed values`;
  };
}

function boundsRule(schema: JsonObject): Check | null {
  const low = exclusive(schema, 'minimum', 'exclusiveMinimum', Number.NEGATIVE_INFINITY);
  const high = exclusive(schema, 'maximum', 'exclusiveMaximum', Number.POSITIVE_INFINITY);
  if (!low.set && !high.set) return null;
  return (value, path) => {
    const number = numberOf(value);
    if (number === null) return null;
    if (number < low.at || (low.open && number === low.at)) return `${path}: is below ${low.at}`;
    return number > high.at || (high.open && number === high.at) ? `${path}: is above ${high.at}` : null;
  };
}

function exclusive(schema: JsonObject, name: string, exclusiveName: string, otherwise: number) {
  const [plain, strict] = [schema[name], schema[exclusiveName]];
  if (typeof strict === 'number') return { at: strict, open: true, set: true };
  return typeof plain === 'number'
    ? { at: plain, open: strict === true, set: true }
    : { at: otherwise, open: false, set: false };
}

function sizeRule(schema: JsonObject): Check | null {
  const limits = { text: between(schema, 'Length'), list: between(schema, 'Items') };
  if (!limits.text && !limits.list) return null;
  return (value, path) => {
    if (typeof value === 'string' && limits.text && numberOf(value) === null)
      return limits.text([...value].length) ? null : `${path}: its length is outside the limits`;
    if (Array.isArray(value) && limits.list)
      return limits.list(value.length) ? null : `${path}: has too few or too many items`;
    return null;
  };
}

function between(schema: JsonObject, what: string): ((size: number) => boolean) | null {
  const [low, high] = [schema[`min${what}`], schema[`max${what}`]];
  if (typeof low !== 'number' && typeof high !== 'number') return null;
  return (size) => !(typeof low === 'number' && size < low) && !(typeof high === 'number' && size > high);
}

function patternRule({ pattern }: JsonObject): Check | null {
  if (typeof pattern !== 'string') return null;
  const expression = new RegExp(pattern, 'u');
  return (value, path) =>
    typeof value !== 'string' || expression.test(value) ? null : `${path}: does not match its pattern`;
}

function combinedRule(schema: JsonObject, root: JsonObject): Check | null {
  const checks: Check[] = [];
  const all = branches(schema['allOf'], root);
  checks.push(...all);
  const any = branches(schema['anyOf'], root);
  if (any.length > 0)
    checks.push((value, path) => (countMatches(any, value) > 0 ? null : `${path}: matches none of anyOf`));
  const one = branches(schema['oneOf'], root);
  if (one.length > 0)
    checks.push((value, path) =>
      countMatches(one, value) === 1 ? null : `${path}: must match exactly one of oneOf`,
    );
  const not = schema['not'] === undefined ? null : compileCheck(schema['not'], root);
  if (not)
    checks.push((value, path) => (not(value, path) === null ? `${path}: matches what it must not` : null));
  return checks.length === 0 ? null : (value, path) => firstProblem(checks, value, path);
}

function branches(list: unknown, root: JsonObject): Check[] {
  return Array.isArray(list) ? list.map((each) => compileCheck(each, root)) : [];
}

function countMatches(checks: readonly Check[], value: unknown): number {
  return checks.filter((check) => check(value, '') === null).length;
}

function refRule({ $ref }: JsonObject, root: JsonObject): Check | null {
  if (typeof $ref !== 'string') return null;
  if (!$ref.startsWith('#')) throw new TypeError(`$ref outside the schema: ${$ref}`);
  const steps = $ref
    .slice(1)
    .split('/')
    .filter(Boolean)
    .map((step) => decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~'));
  let compiled: Check | null = null;
  return (value, path) => {
    compiled ??= compileCheck(
      steps.reduce<unknown>((at, step) => (isObject(at) ? at[step] : undefined), root),
      root,
    );
    return compiled(value, path);
  };
}

function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.charCodeAt(0) !== MARK_CODE) return null;
  const meant = readMarked(value);
  return 'number' in meant ? Number(meant.number) : null;
}

function plainValue(value: unknown): unknown {
  if (typeof value === 'string') return numberOf(value) ?? textOf(value);
  if (Array.isArray(value)) return value.map(plainValue);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plainValue(each)]));
}

function textOf(value: string): string {
  const meant = value.charCodeAt(0) === MARK_CODE ? readMarked(value) : { string: value };
  return 'string' in meant ? meant.string : value;
}
