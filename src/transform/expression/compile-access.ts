import type { Meter } from '../python/meter.ts';
import { slice, subscript } from '../python/subscript.ts';
import type { Node } from './ast.ts';
import type { Run, Scope } from './scope.ts';

export function valueAt(object: Run, index: Run, meter: Meter): Run {
  return (env) => {
    const value = object(env);
    return subscript(meter, value, index(env));
  };
}

export function sliceOf(node: Extract<Node, { kind: 'slice' }>, scope: Scope): Run {
  const { meter } = scope.world;
  const object = scope.compile(node.object, scope);
  const [from, to, step] = [node.from, node.to, node.step].map((bound) =>
    bound ? scope.compile(bound, scope) : () => null,
  );
  return (env) => {
    const value = object(env);
    return slice(meter, value, from?.(env) ?? null, to?.(env) ?? null, step?.(env) ?? null);
  };
}
