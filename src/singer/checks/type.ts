import { isDeepStrictEqual } from 'node:util';
import { isObject, typesOf } from '../json-schema.ts';
import { MARK_CODE } from '../number-text.ts';
import type { Rule } from './check.ts';
import { numberOf, plainValue } from './read-value.ts';

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

export const typeRule: Rule = (schema) => {
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
};

/** enum and const. */
export const choiceRule: Rule = (schema) => {
  if (!Array.isArray(schema['enum']) && !('const' in schema)) return null;
  const choices: unknown[][] = [];
  if (Array.isArray(schema['enum'])) choices.push(schema['enum']);
  if ('const' in schema) choices.push([schema['const']]);
  return (value, path) => {
    const plain = plainValue(value);
    const allowed = choices.every((list) => list.some((each) => isDeepStrictEqual(each, plain)));
    return allowed ? null : `${path}: is not one of the allowed values`;
  };
};
