import { fail } from '../python/errors.ts';
import type { Py } from '../python/values.ts';
import type { Node } from './ast.ts';
import { refuse } from './refusal.ts';
import { type Binding, bindingOf, type Env, findVariable, type Run, type Scope } from './scope.ts';

export function compileName(name: string, pos: number, scope: Scope): Run {
  const variable = findVariable(name, scope);
  if (variable) return readVariable(name, variable);
  const known = knownValue(name, scope);
  if (known !== undefined) return () => known;
  throw unknownName(name, pos, scope);
}

/** A built-in or an extension, where no variable has its name. */
export function knownValue(name: string, scope: Scope): Py | undefined {
  if (findVariable(name, scope)) return undefined;
  return scope.world.builtins.get(name) ?? scope.world.extensions.get(name);
}

function unknownName(name: string, pos: number, scope: Scope) {
  if (isLocalOfTop(name, scope)) {
    return refuse(
      'name_not_allowed',
      `"${name}" inside a comprehension or lambda is a NameError before Python 3.12; only a comprehension's first "in" may read it`,
      pos,
    );
  }
  return refuse('name_not_allowed', `Name "${name}": only v and a list of built-in functions are known`, pos);
}

function isLocalOfTop(name: string, scope: Scope): boolean {
  let at = scope;
  while (at.parent !== null) at = at.parent;
  return at.slots.has(name);
}

function readVariable(name: string, { depth, slot }: Binding): Run {
  if (depth === 0 && slot === 0) return (env) => env.slots[0] ?? read(name, env.slots[0]);
  return (env) => read(name, envAt(env, depth).slots[slot]);
}

function read(name: string, value: Py | undefined): Py {
  if (value === undefined) throw fail('NameError', `name '${name}' is not defined`);
  return value;
}

export function envAt(env: Env, depth: number): Env {
  let at = env;
  for (let i = 0; i < depth; i++) at = at.parent ?? at;
  return at;
}

export function compileAssign(node: Extract<Node, { kind: 'assign' }>, scope: Scope): Run {
  if (scope.kind === 'comprehension' && scope.slots.has(node.name))
    throw refuse('syntax', `":=" cannot rebind the loop variable "${node.name}"`, node.pos);
  const place = bindingOf(node.name, scope);
  if (!place) throw refuse('construct_not_supported', `":=" of "${node.name}" here`, node.pos);
  const value = scope.compile(node.value, scope);
  return (env) => {
    const result = value(env);
    envAt(env, place.depth).slots[place.slot] = result;
    return result;
  };
}
