import type { Node } from './ast.ts';
import { FUNCTION_VALUES, METHODS, TYPE_NAMES } from './builtins.ts';
import { stringLiteral } from './literals.ts';
import { refuse } from './refusal.ts';
import { type Scope, type Translated, variable } from './scope.ts';
import { translateClauses } from './translate-clauses.ts';

type Call = Extract<Node, { kind: 'call' }>;

interface SpecialCall {
  iterator?: boolean;
  /** null: not special after all, the built-in's table decides. */
  translate(node: Call, scope: Scope): Translated | null;
}

/** Calls whose arguments have rules of their own. */
export const SPECIAL_CALLS: Readonly<Record<string, SpecialCall>> = {
  min: { translate: (node, scope) => translateBest(node, scope, 'min', '<') },
  max: { translate: (node, scope) => translateBest(node, scope, 'max', '>') },
  isinstance: { translate: translateIsInstance },
  any: { translate: (node, scope) => translateLazily(node, scope, '_any_of') },
  all: { translate: (node, scope) => translateLazily(node, scope, '_all_of') },
  map: { iterator: true, translate: translateMap },
  zip: { iterator: true, translate: translateZip },
  range: { iterator: true, translate: translateRange },
};

/** A function passed as a value: a built-in, `str.<method>`, or None. */
export function translateFunction(node: Node, scope: Scope): string {
  if (node.kind === 'none') return 'None';
  if (node.kind === 'name' && !scope.targets.has(node.name) && Object.hasOwn(FUNCTION_VALUES, node.name)) {
    return FUNCTION_VALUES[node.name] ?? '';
  }
  if (node.kind === 'attribute' && node.object.kind === 'name' && node.object.name === 'str') {
    const method = Object.hasOwn(METHODS, node.name) ? METHODS[node.name] : undefined;
    if (
      method &&
      method.min === 0 &&
      (method.result === 'str' || method.result === 'bool' || method.result === 'list')
    ) {
      const object = `_described(x, ${stringLiteral(node.name)})`;
      const prelude = method.bare ?? method.prelude;
      return prelude ? `(lambda x: ${prelude}(${object}))` : `(lambda x: ${object}.${node.name}())`;
    }
  }
  throw refuse(
    'construct_not_supported',
    `A function other than ${Object.keys(FUNCTION_VALUES).join(', ')}`,
    node.pos,
  );
}

function translateBest(node: Call, scope: Scope, name: string, op: string): Translated {
  const named = new Map(node.named.map((argument) => [argument.name, argument.value]));
  const unknown = node.named.find(({ name: given }) => given !== 'key' && given !== 'default');
  const fallback = named.get('default');
  if (
    unknown ||
    node.args.length === 0 ||
    named.size !== node.named.length ||
    (fallback && node.args.length > 1)
  ) {
    throw refuse('syntax', `Wrong arguments for ${name}()`, node.pos);
  }
  const [first] = node.args;
  const values =
    node.args.length === 1 && first
      ? scope.iterable(first, scope)
      : `[${node.args.map((argument) => scope.translate(argument, scope).code).join(', ')}]`;
  const keyNode = named.get('key');
  const key = keyNode ? translateFunction(keyNode, scope) : 'None';
  const otherwise = fallback ? `True, ${scope.translate(fallback, scope).code}` : 'False, None';
  return { code: `_best(${values}, ${key}, '${op}', '${name}', ${otherwise})`, type: 'any' };
}

function translateIsInstance(node: Call, scope: Scope): Translated {
  const [value, types] = node.args;
  if (!value || !types || node.args.length !== 2 || node.named.length > 0) {
    throw refuse('syntax', 'isinstance() takes a value and a type', node.pos);
  }
  const names = (types.kind === 'tuple' ? types.items : [types]).map((type) => {
    if (type.kind === 'name' && TYPE_NAMES.has(type.name) && !scope.targets.has(type.name)) return type.name;
    throw refuse(
      'construct_not_supported',
      `isinstance() of a type other than ${[...TYPE_NAMES].join(', ')}`,
      type.pos,
    );
  });
  return { code: `isinstance(${scope.translate(value, scope).code}, (${names.join(', ')},))`, type: 'bool' };
}

/** any() and all() stop at the first answer, so what a later element would raise is never raised. */
function translateLazily(node: Call, scope: Scope, prelude: string): Translated | null {
  const [argument] = node.args;
  if (argument?.kind !== 'comprehension' || argument.of !== 'generator') return null;
  const [clause] = argument.clauses;
  if (!clause || argument.clauses.length > 1 || clause.unpacks || clause.conditions.length > 1) {
    throw refuse(
      'construct_not_supported',
      'any() or all() over more than a simple "for x in ..."',
      node.pos,
    );
  }
  const { inner } = translateClauses([{ ...clause, conditions: [] }], scope);
  const parameter = variable(clause.targets[0] ?? '');
  const lambda = (body: Node) => `lambda ${parameter}: ${inner.translate(body, inner).code}`;
  const condition = clause.conditions[0] ? lambda(clause.conditions[0]) : 'None';
  const iterable = scope.iterable(clause.iterable, scope);
  return { code: `${prelude}(${iterable}, ${lambda(argument.element)}, ${condition})`, type: 'bool' };
}

function translateMap(node: Call, scope: Scope): Translated {
  const [fn, iterable] = node.args;
  if (!fn || !iterable || node.args.length !== 2 || node.named.length > 0) {
    throw refuse('construct_not_supported', 'map() with other than a function and one iterable', node.pos);
  }
  const name = translateFunction(fn, scope);
  if (name === 'None') throw refuse('syntax', 'map() needs a function', node.pos);
  return { code: `[${name}(x) for x in ${scope.iterable(iterable, scope)}]`, type: 'list' };
}

function translateZip(node: Call, scope: Scope): Translated {
  if (node.named.length > 0) throw refuse('construct_not_supported', 'zip(strict=)', node.pos);
  return {
    code: `zip(${node.args.map((argument) => scope.iterable(argument, scope)).join(', ')})`,
    type: 'any',
  };
}

function translateRange(node: Call, scope: Scope): Translated {
  if (node.args.length < 1 || node.args.length > 3 || node.named.length > 0) {
    throw refuse('syntax', 'range() takes 1 to 3 arguments', node.pos);
  }
  return {
    code: `range(${node.args.map((argument) => `_index(${scope.translate(argument, scope).code})`).join(', ')})`,
    type: 'any',
  };
}
