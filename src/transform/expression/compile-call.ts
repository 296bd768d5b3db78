import { NO_NAMES } from '../python/arguments.ts';
import { attribute, call, callMethod, VALUE_ATTRIBUTES } from '../python/attributes.ts';
import { fail, PyError } from '../python/errors.ts';
import { isKind, isMapping, type Named, type Py, typeName } from '../python/values.ts';
import type { NamedArgument, Node } from './ast.ts';
import { compileItems } from './compile-display.ts';
import { knownValue } from './compile-name.ts';
import { refuse } from './refusal.ts';
import { type Env, findVariable, type Run, type Scope } from './scope.ts';
import { assertTemplate } from './template.ts';

type Call = Extract<Node, { kind: 'call' }>;
type Attribute = Extract<Node, { kind: 'attribute' }>;

const CLOCK = new Set(['now', 'today', 'utcnow']);

export function compileCall(node: Call, scope: Scope): Run {
  const { meter } = scope.world;
  const imported = importedModule(node, scope);
  if (imported) return () => imported;
  if (node.callee.kind === 'name') assertKnownFunction(node.callee.name, node.pos, scope);
  const args = compileItems(node.args, scope);
  const named = compileNamed(node.named, scope);
  if (node.callee.kind === 'attribute' && fixedValue(node.callee, scope) === undefined) {
    const { name, object } = node.callee;
    if (name === 'format' && object.kind === 'str') assertTemplate(object.value, node);
    assertAttribute(node.callee);
    const receiver = scope.compile(object, scope);
    return (env) => {
      meter.spend(1);
      const self = receiver(env);
      return callMethod(meter, self, name, args(env), named(env));
    };
  }
  const callee = scope.compile(node.callee, scope);
  return (env) => {
    meter.spend(1);
    const called = callee(env);
    return call(called, args(env), named(env));
  };
}

/** `__import__('re')`: the one way the documented eval has to a module. */
function importedModule({ callee, args, named, pos }: Call, scope: Scope): Py | null {
  if (callee.kind !== 'name' || callee.name !== '__import__') return null;
  const [name] = args;
  const known =
    name?.kind === 'str' && args.length === 1 && named.length === 0
      ? scope.world.modules.get(name.value)
      : undefined;
  if (known) return known;
  const what = name?.kind === 'str' ? `Module "${name.value}"` : 'Function "__import__"';
  const modules = [...scope.world.modules.keys()].join(', ');
  throw refuse('name_not_allowed', `${what} is not available in an expression; there are ${modules}`, pos);
}

function assertKnownFunction(name: string, pos: number, scope: Scope): void {
  if (findVariable(name, scope) || knownValue(name, scope) !== undefined) return;
  if (name === 'v') return;
  throw refuse('name_not_allowed', `Function "${name}" is not available in an expression`, pos);
}

function compileNamed(named: readonly NamedArgument[], scope: Scope): (env: Env) => Named {
  if (named.length === 0) return () => NO_NAMES;
  const parts = named.map(({ name, value }) => ({ name, run: scope.compile(value, scope) }));
  const names = parts.map(({ name }) => name).filter((name) => name !== null);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw refuse('syntax', `The argument "${twice}" is given twice`, named[0]?.value.pos ?? 0);
  return (env) => {
    const found = new Map<string, Py>();
    for (const { name, run } of parts) {
      const value = run(env);
      if (name !== null) found.set(name, value);
      else spread(found, value);
    }
    return found;
  };
}

function spread(found: Map<string, Py>, value: Py): void {
  if (!isMapping(value))
    throw fail('TypeError', `argument after ** must be a mapping, not ${typeName(value)}`);
  for (const [key, item] of value.entries.values()) {
    if (typeof key !== 'string') throw fail('TypeError', 'keywords must be strings');
    if (found.has(key)) throw fail('TypeError', `got multiple values for keyword argument '${key}'`);
    found.set(key, item);
  }
}

export function compileAttribute(node: Attribute, scope: Scope): Run {
  const fixed = fixedValue(node, scope);
  if (fixed !== undefined) return () => fixed;
  assertAttribute(node);
  const object = scope.compile(node.object, scope);
  const { meter } = scope.world;
  return (env) => attribute(meter, object(env), node.name);
}

/** `re.IGNORECASE`, `datetime.strptime`, `str.upper`: known when saved, and refused then where there is no such thing. */
function fixedValue(node: Attribute, scope: Scope): Py | undefined {
  const owner = ownerOf(node.object, scope);
  if (owner === undefined) return undefined;
  const path = `${pathOf(node.object)}.${node.name}`;
  if (CLOCK.has(node.name)) {
    throw refuse(
      'attribute_not_allowed',
      `"${path}" reads the clock, and a row transformed again must give the same`,
      node.pos,
    );
  }
  const inModule = moduleMember(node, owner, scope);
  if (inModule !== undefined) return inModule;
  if (node.name.startsWith('_')) throw refuse('attribute_not_allowed', `Attribute ".${node.name}"`, node.pos);
  try {
    return attribute(scope.world.meter, owner, node.name);
  } catch (error) {
    if (!(error instanceof PyError)) throw error;
    throw refuse('attribute_not_allowed', `"${path}" is not available in an expression`, node.pos);
  }
}

function ownerOf(node: Node, scope: Scope): Py | undefined {
  const value =
    node.kind === 'name'
      ? knownValue(node.name, scope)
      : node.kind === 'attribute'
        ? memberOf(node, scope)
        : node.kind === 'call'
          ? (importedModule(node, scope) ?? undefined)
          : undefined;
  return isKind(value, 'module') || isKind(value, 'type') ? value : undefined;
}

function memberOf(node: Attribute, scope: Scope): Py | undefined {
  return ownerOf(node.object, scope) === undefined ? undefined : fixedValue(node, scope);
}

/** The name `datetime` is the class; what only the module has is found too. */
function moduleMember(node: Attribute, owner: Py, scope: Scope): Py | undefined {
  if (
    node.object.kind !== 'name' ||
    node.object.name !== 'datetime' ||
    owner !== scope.world.extensions.get('datetime')
  )
    return undefined;
  if (node.name === 'date' || node.name === 'time') {
    throw refuse(
      'attribute_not_allowed',
      `"datetime.${node.name}": datetime is the class here; write ${node.name}(...) or ${node.name}.fromisoformat(...)`,
      node.pos,
    );
  }
  return scope.world.modules.get('datetime')?.members.get(node.name);
}

function pathOf(node: Node): string {
  if (node.kind === 'name') return node.name;
  return node.kind === 'attribute' ? `${pathOf(node.object)}.${node.name}` : '...';
}

function assertAttribute(node: Attribute): void {
  const isTypeName =
    node.name === '__name__' &&
    node.object.kind === 'call' &&
    node.object.callee.kind === 'name' &&
    node.object.callee.name === 'type';
  if (isTypeName || VALUE_ATTRIBUTES.has(node.name)) return;
  const what = CLOCK.has(node.name) ? ' reads the clock' : ' is not available in an expression';
  throw refuse('attribute_not_allowed', `".${node.name}"${what}`, node.pos);
}
