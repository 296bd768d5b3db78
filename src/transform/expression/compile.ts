import { makeSet } from '../python/hash-key.ts';
import { truth } from '../python/iterate.ts';
import { bytesOf, type Py, tuple } from '../python/values.ts';
import type { World } from '../python/world.ts';
import type { Node } from './ast.ts';
import { sliceOf, valueAt } from './compile-access.ts';
import { compileAttribute, compileCall } from './compile-call.ts';
import { compileComprehension } from './compile-comprehension.ts';
import { compileDict, compileItems } from './compile-display.ts';
import { compileFormat } from './compile-fstring.ts';
import { compileLambda } from './compile-lambda.ts';
import { compileAssign, compileName } from './compile-name.ts';
import { compileBinary, compileCompare, compileUnary } from './compile-operators.ts';
import { refuse } from './refusal.ts';
import { assertLoadable } from './result-kind.ts';
import { assignedNames, type Run, type Scope } from './scope.ts';

/** An expression of `v`, ready to run. Throws PyError. */
export type Evaluate = (v: Py) => Py;

/**
 * Turns a parsed expression into closures over our own Python values. Names and attributes come from lists, so nothing of JavaScript is
 * within reach. Throws InvalidError `expression.*` for what is refused.
 */
export function compileExpression(node: Node, world: World): Evaluate {
  assertLoadable(node);
  const names = assignedNames(node);
  const locals = new Map([...new Set(['v', ...names.direct])].map((name, i) => [name, i]));
  const globals = new Map([...new Set(names.comprehended)].map((name, i) => [name, locals.size + i]));
  const scope: Scope = { kind: 'top', slots: locals, globals, parent: null, world, compile };
  const run = compile(node, scope);
  const bound = locals.size + globals.size > 1;
  if (!bound) return (v) => run({ slots: [v], parent: null });
  return (v) => {
    const slots: (Py | undefined)[] = new Array(locals.size + globals.size).fill(undefined);
    slots[0] = v;
    return run({ slots, parent: null });
  };
}

function compile(node: Node, scope: Scope): Run {
  const inner = (child: Node) => compile(child, scope);
  const { meter } = scope.world;
  switch (node.kind) {
    case 'none':
      return () => null;
    case 'bool':
    case 'int':
    case 'float':
    case 'str': {
      const { value } = node;
      return () => value;
    }
    case 'bytes': {
      const value = bytesOf(node.value);
      return () => value;
    }
    case 'fstring':
      return compileFormat(node.parts, scope);
    case 'name':
      return compileName(node.name, node.pos, scope);
    case 'assign':
      return compileAssign(node, scope);
    case 'list':
      return compileItems(node.items, scope);
    case 'tuple': {
      const items = compileItems(node.items, scope);
      return (env) => tuple(items(env));
    }
    case 'set': {
      const items = compileItems(node.items, scope);
      return (env) => makeSet(meter, items(env));
    }
    case 'dict':
      return compileDict(node.entries, scope);
    case 'comprehension':
      return compileComprehension(node, scope);
    case 'unary':
      return compileUnary(node, scope);
    case 'binary':
      return compileBinary(node, scope);
    case 'compare':
      return compileCompare(node, scope);
    case 'logical':
      return compileLogical(node.op, node.operands.map(inner));
    case 'conditional': {
      const [test, then, otherwise] = [inner(node.test), inner(node.then), inner(node.otherwise)];
      return (env) => (truth(test(env)) ? then(env) : otherwise(env));
    }
    case 'attribute':
      return compileAttribute(node, scope);
    case 'call':
      return compileCall(node, scope);
    case 'index':
      return valueAt(inner(node.object), inner(node.index), meter);
    case 'slice':
      return sliceOf(node, scope);
    case 'lambda':
      return compileLambda(node, scope);
    case 'starred':
      throw refuse('syntax', 'A starred value has no place here', node.pos);
  }
}

function compileLogical(op: 'and' | 'or', operands: readonly Run[]): Run {
  const [first, ...rest] = operands;
  const last = rest.pop();
  if (!first || !last) return first ?? (() => null);
  const stop = op === 'or';
  const before = [first, ...rest];
  return (env) => {
    for (const run of before) {
      const value = run(env);
      if (truth(value) === stop) return value;
    }
    return last(env);
  };
}
