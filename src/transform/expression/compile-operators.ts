import { equal } from '../python/equality.ts';
import { truth } from '../python/iterate.ts';
import type { Meter } from '../python/meter.ts';
import { add, arithmetic, bitwise, contains, multiply, unary } from '../python/operators.ts';
import { ordered } from '../python/order.ts';
import type { Py } from '../python/values.ts';
import type { BinaryOp, CompareOp, Node } from './ast.ts';
import { refuse } from './refusal.ts';
import type { Run, Scope } from './scope.ts';

type Operate = (a: Py, b: Py) => Py;

export function compileUnary(node: Extract<Node, { kind: 'unary' }>, scope: Scope): Run {
  const { op } = node;
  const operand = scope.compile(node.operand, scope);
  if (op === 'not') return (env) => !truth(operand(env));
  return (env) => unary(op, operand(env));
}

export function compileBinary(node: Extract<Node, { kind: 'binary' }>, scope: Scope): Run {
  const left = scope.compile(node.left, scope);
  const right = scope.compile(node.right, scope);
  const operate = operation(node.op, scope.world.meter);
  return (env) => {
    const a = left(env);
    return operate(a, right(env));
  };
}

function operation(op: BinaryOp, meter: Meter): Operate {
  switch (op) {
    case '+':
      return (a, b) => add(meter, a, b);
    case '*':
      return (a, b) => multiply(meter, a, b);
    case '/':
      return (a, b) =>
        typeof a === 'number' && typeof b === 'bigint' && b > 0n && b < 9007199254740992n
          ? a / Number(b)
          : arithmetic(meter, '/', a, b);
    case '-':
    case '//':
    case '%':
    case '**':
      return (a, b) => arithmetic(meter, op, a, b);
    default:
      return (a, b) => bitwise(meter, op, a, b);
  }
}

type Compare = (a: Py, b: Py) => boolean;

/** Every operand is evaluated once, and none after the first comparison that fails. */
export function compileCompare(node: Extract<Node, { kind: 'compare' }>, scope: Scope): Run {
  const first = scope.compile(node.first, scope);
  let before = node.first;
  const links = node.rest.map(({ op, operand }) => {
    if (op === 'is' || op === 'is not') assertIdentity(op, before, operand);
    before = operand;
    return { compare: comparison(op, scope.world.meter), run: scope.compile(operand, scope) };
  });
  const [only] = links;
  if (only && links.length === 1) {
    return (env) => {
      const a = first(env);
      return only.compare(a, only.run(env));
    };
  }
  return (env) => {
    let a = first(env);
    for (const { compare, run } of links) {
      const b = run(env);
      if (!compare(a, b)) return false;
      a = b;
    }
    return true;
  };
}

function comparison(op: CompareOp, meter: Meter): Compare {
  switch (op) {
    case '==':
      return (a, b) => equal(meter, a, b);
    case '!=':
      return (a, b) => !equal(meter, a, b);
    case 'in':
      return (a, b) => contains(meter, b, a);
    case 'not in':
      return (a, b) => !contains(meter, b, a);
    case 'is':
      return (a, b) => a === b;
    case 'is not':
      return (a, b) => a !== b;
    default:
      return (a, b) => ordered(meter, op, a, b);
  }
}

const TYPES = new Set(
  'str int float bool list dict tuple set frozenset bytes Decimal date datetime time timedelta'.split(' '),
);

function assertIdentity(op: string, left: Node, right: Node): void {
  if (isSingular(left) || isSingular(right)) return;
  throw refuse(
    'construct_not_supported',
    `"${op}" with anything but None, True, False and types; use ==`,
    right.pos,
  );
}

/** None, True, False, a type: what there is only one of. */
function isSingular(node: Node): boolean {
  if (node.kind === 'call') return node.callee.kind === 'name' && node.callee.name === 'type';
  return node.kind === 'none' || node.kind === 'bool' || (node.kind === 'name' && TYPES.has(node.name));
}
