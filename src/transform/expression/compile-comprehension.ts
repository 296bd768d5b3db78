import { fail } from '../python/errors.ts';
import { makeSet, setItem } from '../python/hash-key.ts';
import { isIterable, iterate, makeIterator, truth } from '../python/iterate.ts';
import type { Meter } from '../python/meter.ts';
import type { Py, PyDict } from '../python/values.ts';
import { typeName } from '../python/values.ts';
import type { Clause, Node, Target } from './ast.ts';
import { refuse } from './refusal.ts';
import { assignedNames, type Env, type Run, type Scope } from './scope.ts';

type Comprehension = Extract<Node, { kind: 'comprehension' }>;

/** Python's scoping: only the first iterable is evaluated outside, all else in a scope of its own. */
export function compileComprehension(node: Comprehension, scope: Scope): Run {
  const { meter } = scope.world;
  const names = node.clauses.flatMap(({ target }) => targetNames(target));
  const inner: Scope = {
    ...scope,
    kind: 'comprehension',
    slots: new Map([...new Set(names)].map((name, i) => [name, i])),
    globals: new Map(),
    parent: scope,
  };
  const [first] = node.clauses;
  if (!first) throw refuse('syntax', 'A comprehension needs "for"', node.pos);
  assertNoAssignment(node.clauses);
  const source = scope.compile(first.iterable, scope);
  const loops = node.clauses.map((clause, i) => compileLoop(clause, i === 0, inner));
  const element = scope.compile(node.element, inner);
  const value = node.value ? scope.compile(node.value, inner) : null;
  const walk = (env: Env): Generator<Env, void, undefined> => {
    const items = source(env);
    if (!isIterable(items)) throw fail('TypeError', `'${typeName(items)}' object is not iterable`);
    return walkLoops(loops, 0, { slots: new Array(inner.slots.size).fill(undefined), parent: env }, items);
  };
  return collector(node, meter, walk, element, value);
}

function collector(
  node: Comprehension,
  meter: Meter,
  walk: (env: Env) => Generator<Env, void, undefined>,
  element: Run,
  value: Run | null,
): Run {
  switch (node.of) {
    case 'list':
      return (env) => {
        const items: Py[] = [];
        for (const at of walk(env)) {
          meter.allocate(8);
          items.push(element(at));
        }
        return items;
      };
    case 'set':
      return (env) => makeSet(meter, mapped(walk(env), element));
    case 'dict':
      return (env) => {
        const dict: PyDict = { kind: 'dict', entries: new Map() };
        for (const at of walk(env)) {
          const key = element(at);
          setItem(meter, dict, key, value ? value(at) : null);
        }
        return dict;
      };
    case 'generator':
      return (env) => makeIterator('generator', mapped(walk(env), element));
  }
}

function* mapped(walk: Generator<Env, void, undefined>, element: Run): Generator<Py, void, undefined> {
  for (const at of walk) yield element(at);
}

interface Loop {
  /** null: the first, whose items come from outside. */
  items: ((env: Env) => Iterable<Py>) | null;
  walk(items: Py): Iterable<Py>;
  bind(env: Env, item: Py): void;
  conditions: readonly Run[];
}

function compileLoop(clause: Clause, first: boolean, scope: Scope): Loop {
  const { meter } = scope.world;
  const iterable = first ? null : scope.compile(clause.iterable, scope);
  return {
    items: iterable ? (env) => iterate(meter, iterable(env)) : null,
    walk: (items) => iterate(meter, items),
    bind: binder(clause.target, scope),
    conditions: clause.conditions.map((condition) => scope.compile(condition, scope)),
  };
}

function* walkLoops(
  loops: readonly Loop[],
  at: number,
  env: Env,
  source: Py,
): Generator<Env, void, undefined> {
  const loop = loops[at];
  if (!loop) {
    yield env;
    return;
  }
  for (const item of loop.items ? loop.items(env) : loop.walk(source)) {
    loop.bind(env, item);
    if (!loop.conditions.every((condition) => truth(condition(env)))) continue;
    if (at === loops.length - 1) yield env;
    else yield* walkLoops(loops, at + 1, env, null);
  }
}

function targetNames(target: Target): string[] {
  return typeof target === 'string' ? [target] : target.items.flatMap(targetNames);
}

function binder(target: Target, scope: Scope): (env: Env, item: Py) => void {
  if (typeof target === 'string') {
    const slot = scope.slots.get(target) ?? 0;
    return (env, item) => {
      env.slots[slot] = item;
    };
  }
  const { items, starred } = target;
  const binders = items.map((item) => binder(item, scope));
  return (env, value) => {
    const values = unpacked(scope.world.meter, value, items.length, starred);
    for (const [i, bind] of binders.entries()) bind(env, values[i] ?? null);
  };
}

/** Throws as CPython's unpacking does. */
function unpacked(meter: Meter, value: Py, count: number, starred: number | null): Py[] {
  if (!isIterable(value)) throw fail('TypeError', `cannot unpack non-iterable ${typeName(value)} object`);
  const values: Py[] = [];
  for (const item of iterate(meter, value)) {
    if (starred === null && values.length === count)
      throw fail('ValueError', `too many values to unpack (expected ${count})`);
    values.push(item);
  }
  const least = starred === null ? count : count - 1;
  if (values.length < least) {
    const wanted = starred === null ? `${count}` : `at least ${least}`;
    throw fail('ValueError', `not enough values to unpack (expected ${wanted}, got ${values.length})`);
  }
  if (starred === null) return values;
  const after = count - starred - 1;
  return [
    ...values.slice(0, starred),
    values.slice(starred, values.length - after),
    ...values.slice(values.length - after),
  ];
}

function assertNoAssignment(clauses: readonly Clause[]): void {
  for (const { iterable } of clauses) {
    const names = assignedNames(iterable);
    if (names.direct.length + names.comprehended.length > 0)
      throw refuse('syntax', '":=" cannot stand in what a comprehension walks through', iterable.pos);
  }
}
