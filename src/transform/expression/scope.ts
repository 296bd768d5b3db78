import type { Py } from '../python/values.ts';
import type { World } from '../python/world.ts';
import type { Node } from './ast.ts';

/** Variables while an expression runs: one a scope, in its slots; undefined until bound. */
export interface Env {
  slots: (Py | undefined)[];
  parent: Env | null;
}

/** A compiled node. */
export type Run = (env: Env) => Py;

/** What is known of names where a node stands. */
export interface Scope {
  kind: 'top' | 'function' | 'comprehension';
  slots: Map<string, number>;
  /** Of the top only: names a comprehension's := binds; seen from everywhere, as CPython's globals. */
  globals: Map<string, number>;
  parent: Scope | null;
  world: World;
  compile(node: Node, scope: Scope): Run;
}

export type Binding = { depth: number; slot: number };

/** Finds a variable as CPython's eval does: `v` and names bound at the top are locals, which no lambda or comprehension inside sees. */
export function findVariable(name: string, scope: Scope): Binding | null {
  let depth = 0;
  let at: Scope = scope;
  while (at.parent !== null) {
    const slot = at.slots.get(name);
    if (slot !== undefined) return { depth, slot };
    at = at.parent;
    depth++;
  }
  const slot = (scope === at ? at.slots.get(name) : undefined) ?? at.globals.get(name);
  return slot === undefined ? null : { depth, slot };
}

/** Where `name := ...` binds: the nearest scope that is no comprehension. */
export function bindingOf(name: string, scope: Scope): Binding | null {
  let depth = 0;
  let at: Scope = scope;
  while (at.kind === 'comprehension' && at.parent !== null) {
    at = at.parent;
    depth++;
  }
  const slot = at.kind === 'top' && depth > 0 ? at.globals.get(name) : at.slots.get(name);
  return slot === undefined ? null : { depth, slot };
}

/** Names bound with := under a node: in the scope itself, and in its comprehensions; lambdas keep theirs. */
export function assignedNames(node: Node): { direct: string[]; comprehended: string[] } {
  const found = { direct: [] as string[], comprehended: [] as string[] };
  collect(node, found, false);
  return found;
}

function collect(node: Node, found: { direct: string[]; comprehended: string[] }, inside: boolean): void {
  if (node.kind === 'lambda') {
    for (const { fallback } of node.parameters) if (fallback) collect(fallback, found, inside);
    return;
  }
  if (node.kind === 'assign') (inside ? found.comprehended : found.direct).push(node.name);
  for (const child of childrenOf(node)) collect(child, found, inside || node.kind === 'comprehension');
}

/** The nodes right under a node. */
export function childrenOf(node: Node): Node[] {
  switch (node.kind) {
    case 'fstring':
      return node.parts.flatMap((part) => (typeof part === 'string' ? [] : partNodes(part)));
    case 'list':
    case 'tuple':
    case 'set':
      return node.items;
    case 'dict':
      return node.entries.flatMap(([key, value]) => (key ? [key, value] : [value]));
    case 'comprehension':
      return [
        node.element,
        ...(node.value ? [node.value] : []),
        ...node.clauses.flatMap((clause) => [clause.iterable, ...clause.conditions]),
      ];
    case 'unary':
      return [node.operand];
    case 'binary':
      return [node.left, node.right];
    case 'logical':
      return node.operands;
    case 'compare':
      return [node.first, ...node.rest.map(({ operand }) => operand)];
    case 'conditional':
      return [node.test, node.then, node.otherwise];
    case 'attribute':
      return [node.object];
    case 'call':
      return [node.callee, ...node.args, ...node.named.map(({ value }) => value)];
    case 'index':
      return [node.object, node.index];
    case 'slice':
      return [node.object, ...[node.from, node.to, node.step].filter((bound) => bound !== null)];
    case 'starred':
    case 'assign':
      return [node.value];
    case 'lambda':
      return [node.body, ...node.parameters.flatMap(({ fallback }) => (fallback ? [fallback] : []))];
    default:
      return [];
  }
}

function partNodes(part: Exclude<Extract<Node, { kind: 'fstring' }>['parts'][number], string>): Node[] {
  return [part.value, ...part.spec.flatMap((inner) => (typeof inner === 'string' ? [] : partNodes(inner)))];
}
