import { isObject, type JsonObject } from '../json-schema.ts';
import { allOf, type Check, type Rule, type SchemaScope } from './check.ts';

/** allOf, anyOf, oneOf and not. */
export const combinedRule: Rule = (schema, { compile }) => {
  const checks: Check[] = [...branches(schema['allOf'], compile)];
  const any = branches(schema['anyOf'], compile);
  if (any.length > 0)
    checks.push((value, path) =>
      any.some((check) => check(value, '') === null) ? null : `${path}: matches none of anyOf`,
    );
  const one = branches(schema['oneOf'], compile);
  if (one.length > 0)
    checks.push((value, path) =>
      countMatches(one, value) === 1 ? null : `${path}: must match exactly one of oneOf`,
    );
  if (schema['not'] !== undefined) {
    const not = compile(schema['not']);
    checks.push((value, path) => (not(value, path) === null ? `${path}: matches what it must not` : null));
  }
  return allOf(checks);
};

/** if, then and else. */
export const conditionRule: Rule = (schema, { compile }) => {
  if (schema['if'] === undefined || (schema['then'] === undefined && schema['else'] === undefined))
    return null;
  const [condition, good, bad] = [compile(schema['if']), compile(schema['then']), compile(schema['else'])];
  return (value, path) => (condition(value, '') === null ? good(value, path) : bad(value, path));
};

/** A $ref within the schema: a path, or the name of an $anchor or $id. */
export const refRule: Rule = ({ $ref }, { root, compile }) => {
  if (typeof $ref !== 'string') return null;
  const find = finderOf($ref, root);
  let compiled: Check | null = null;
  return (value, path) => {
    compiled ??= compile(find());
    return compiled(value, path);
  };
};

function finderOf(reference: string, root: JsonObject): () => unknown {
  if (reference === '#' || reference.startsWith('#/')) return () => atPath(reference, root);
  const name = reference.replace(/^#/, '');
  const named = findNamed(
    root,
    (each) => each['$anchor'] === name || each['$id'] === reference || each['id'] === reference,
  );
  if (!named) throw new TypeError(`$ref outside the schema: ${reference}`);
  return () => named;
}

function atPath(reference: string, root: JsonObject): unknown {
  const steps = reference
    .slice(1)
    .split('/')
    .filter(Boolean)
    .map((step) => decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~'));
  return steps.reduce<unknown>(
    (at, step) =>
      Array.isArray(at) ? at[Number(step)] : isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined,
    root,
  );
}

function findNamed(at: unknown, is: (schema: JsonObject) => boolean): JsonObject | null {
  if (isObject(at) && is(at)) return at;
  const children: unknown[] = Array.isArray(at) ? at : isObject(at) ? Object.values(at) : [];
  for (const child of children) {
    const found = findNamed(child, is);
    if (found) return found;
  }
  return null;
}

function branches(list: unknown, compile: SchemaScope['compile']): Check[] {
  return Array.isArray(list) ? list.map((each) => compile(each)) : [];
}

function countMatches(checks: readonly Check[], value: unknown): number {
  return checks.filter((check) => check(value, '') === null).length;
}
