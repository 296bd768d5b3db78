import { type Check, type Rule, sizeLimits } from './check.ts';
import { plainValue } from './read-value.ts';

/** items as one schema or, with additionalItems, as a list; prefixItems with items for the rest. */
export const itemsRule: Rule = ({ items, prefixItems, additionalItems }, { compile }) => {
  const list = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : [];
  const others = list === items ? additionalItems : items;
  // some taps write the type's name here
  const rest = others === undefined || typeof others === 'string' ? null : compile(others);
  const first = list.map((item) => compile(item));
  if (first.length === 0 && !rest) return null;
  return (value, path) => {
    if (!Array.isArray(value)) return null;
    for (const [index, item] of value.entries()) {
      const problem = (index < first.length ? first[index] : rest)?.(item, `${path}[${index}]`);
      if (problem) return problem;
    }
    return null;
  };
};

/** minItems and maxItems. */
export const itemCountRule: Rule = (schema) => {
  const within = sizeLimits(schema, 'Items');
  if (!within) return null;
  return (value, path) =>
    !Array.isArray(value) || within(value.length) ? null : `${path}: has too few or too many items`;
};

export const uniqueRule: Rule = ({ uniqueItems }) => {
  if (uniqueItems !== true) return null;
  return (value, path) => {
    if (!Array.isArray(value)) return null;
    const seen = new Set(value.map((item) => canonical(plainValue(item))));
    return seen.size === value.length ? null : `${path}: has an item twice`;
  };
};

/** contains, with minContains and maxContains. */
export const containsRule: Rule = ({ contains, minContains = 1, maxContains }, { compile }) => {
  if (contains === undefined) return null;
  const check = compile(contains);
  const low = typeof minContains === 'number' ? minContains : 1;
  const high = typeof maxContains === 'number' ? maxContains : Number.POSITIVE_INFINITY;
  return (value, path) => {
    if (!Array.isArray(value)) return null;
    const found = countGood(value, check);
    return found >= low && found <= high ? null : `${path}: has too few or too many items of the wanted kind`;
  };
};

function countGood(items: readonly unknown[], check: Check): number {
  return items.filter((item) => check(item, '') === null).length;
}

/** The same text for equal values: properties in one order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
