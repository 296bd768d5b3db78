import type { Node } from './ast.ts';
import { refuse } from './refusal.ts';

const ITERATORS = new Set(['map', 'filter', 'zip', 'enumerate', 'reversed', 'range', 'iter']);
const VIEWS = new Set(['keys', 'values', 'items']);
const FUNCTIONS = new Set(
  'len abs repr sum min max sorted round any all str int float bool list dict tuple set'.split(' '),
);

/** Refuses an expression whose answer no column holds, whatever v is: an iterator, a view, a function. */
export function assertLoadable(node: Node): void {
  switch (node.kind) {
    case 'conditional':
      assertLoadable(node.then);
      assertLoadable(node.otherwise);
      return;
    case 'comprehension':
      if (node.of === 'generator') throw asResult('A generator', node);
      return;
    case 'lambda':
      throw asResult('A lambda', node);
    case 'name':
      if (FUNCTIONS.has(node.name) || ITERATORS.has(node.name))
        throw asResult(`The function "${node.name}"`, node);
      return;
    case 'call':
      if (node.callee.kind === 'name' && ITERATORS.has(node.callee.name))
        throw asResult(`${node.callee.name}()`, node);
      if (node.callee.kind === 'attribute' && VIEWS.has(node.callee.name) && node.args.length === 0)
        throw asResult(`.${node.callee.name}()`, node);
  }
}

function asResult(what: string, node: Node) {
  return refuse(
    'construct_not_supported',
    `${what} as the answer; put it into list(...), sum(...) or the like`,
    node.pos,
  );
}
