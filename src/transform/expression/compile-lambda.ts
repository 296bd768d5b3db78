import { fail } from '../python/errors.ts';
import { makeDict } from '../python/hash-key.ts';
import { type Named, type Py, tuple } from '../python/values.ts';
import type { Node, Parameter } from './ast.ts';
import { assignedNames, type Env, type Run, type Scope } from './scope.ts';

const MAX_DEPTH = 150;

interface Prepared extends Omit<Parameter, 'fallback'> {
  fallback: Run | null;
}

export function compileLambda(node: Extract<Node, { kind: 'lambda' }>, scope: Scope): Run {
  const { meter } = scope.world;
  const assigned = assignedNames(node.body);
  const names = new Set([
    ...node.parameters.map(({ name }) => name),
    ...assigned.direct,
    ...assigned.comprehended,
  ]);
  const slots = new Map([...names].map((name, i) => [name, i]));
  const inner: Scope = { ...scope, kind: 'function', slots, globals: new Map(), parent: scope };
  const body = scope.compile(node.body, inner);
  const parameters = node.parameters.map(
    (parameter): Prepared => ({
      ...parameter,
      fallback: parameter.fallback ? scope.compile(parameter.fallback, scope) : null,
    }),
  );
  return (env) => {
    const fallbacks = parameters.map(({ fallback }) => fallback?.(env));
    const depth = depthOf(env) + 1;
    return {
      kind: 'function',
      name: '<lambda>',
      lambda: true,
      call(args, named) {
        meter.spend(2);
        if (depth > MAX_DEPTH) throw fail('RecursionError', 'maximum recursion depth exceeded');
        const bound = placed(parameters, fallbacks, args, named, scope);
        return body({
          slots: [...bound, ...new Array(slots.size - bound.length).fill(undefined)],
          parent: env,
        });
      },
    };
  };
}

function depthOf(env: Env): number {
  let depth = 0;
  for (let at = env.parent; at !== null; at = at.parent) depth++;
  return depth;
}

function placed(
  parameters: readonly Prepared[],
  fallbacks: readonly (Py | undefined)[],
  args: readonly Py[],
  named: Named,
  scope: Scope,
): (Py | undefined)[] {
  const { meter } = scope.world;
  const left = new Map(named);
  const plain = parameters.filter(({ star, keywordOnly }) => star === '' && !keywordOnly);
  let taken = 0;
  const bound = parameters.map((parameter, i): Py | undefined => {
    if (parameter.star === '*') {
      const rest = args.slice(plain.length);
      taken = args.length;
      return tuple(rest);
    }
    if (parameter.star === '**') {
      const rest = makeDict(meter, left);
      left.clear();
      return rest;
    }
    const place = parameter.keywordOnly ? -1 : plain.indexOf(parameter);
    const given = place >= 0 ? args[place] : undefined;
    if (given !== undefined) {
      taken = Math.max(taken, place + 1);
      if (left.has(parameter.name))
        throw fail('TypeError', `<lambda>() got multiple values for argument '${parameter.name}'`);
      return given;
    }
    const byName = left.get(parameter.name);
    left.delete(parameter.name);
    const value = byName ?? fallbacks[i];
    if (value === undefined)
      throw fail('TypeError', `<lambda>() missing 1 required positional argument: '${parameter.name}'`);
    return value;
  });
  if (args.length > taken)
    throw fail(
      'TypeError',
      `<lambda>() takes ${plain.length} positional argument${plain.length === 1 ? '' : 's'} but ${args.length} were given`,
    );
  const [unknown] = left.keys();
  if (unknown !== undefined)
    throw fail('TypeError', `<lambda>() got an unexpected keyword argument '${unknown}'`);
  return bound;
}
