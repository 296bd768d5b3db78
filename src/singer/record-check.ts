import { containsRule, itemCountRule, itemsRule, uniqueRule } from './checks/arrays.ts';
import { allOf, type Check, type Rule, type SchemaScope } from './checks/check.ts';
import { combinedRule, conditionRule, refRule } from './checks/combined.ts';
import { boundsRule, multipleRule } from './checks/numbers.ts';
import { dependenciesRule, namesRule, propertiesRule, requiredRule } from './checks/objects.ts';
import { lengthRule, patternRule } from './checks/texts.ts';
import { choiceRule, typeRule } from './checks/type.ts';
import { isObject, type JsonObject } from './json-schema.ts';

const RULES: Rule[] = [
  typeRule,
  requiredRule,
  propertiesRule,
  namesRule,
  dependenciesRule,
  itemsRule,
  itemCountRule,
  uniqueRule,
  containsRule,
  choiceRule,
  boundsRule,
  multipleRule,
  lengthRule,
  patternRule,
  combinedRule,
  conditionRule,
  refRule,
];

/**
 * Compiles a JSON schema of drafts 4 to 7, 2019-09 and 2020-12. Keywords no rule knows are ignored; formats are left to the column's
 * type, as the Singer SDK leaves them. Throws TypeError or SyntaxError on a schema that makes no sense.
 */
export function compileCheck(schema: unknown, root: JsonObject = isObject(schema) ? schema : {}): Check {
  const scope: SchemaScope = { root, compile };
  return compile(schema);

  function compile(each: unknown): Check {
    if (each === true || each === undefined) return () => null;
    if (each === false) return (_value, path) => `${path}: nothing is allowed here`;
    if (!isObject(each)) throw new TypeError('a schema must be an object or a boolean');
    const checks = RULES.map((rule) => rule(each, scope)).filter((check) => check !== null);
    return allOf(checks) ?? (() => null);
  }
}
