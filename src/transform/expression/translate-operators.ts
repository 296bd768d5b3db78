import type { BinaryOp, CompareOp, Node } from './ast.ts';
import type { StaticType } from './builtins.ts';
import { refuse } from './refusal.ts';
import type { Scope, Translated } from './scope.ts';

const BINARY_FUNCTION: Record<BinaryOp, string> = {
  '+': '_add(',
  '-': '_sub(',
  '*': '_mul(',
  '/': '_truediv(',
  '//': '_floordiv(',
  '%': '_mod(',
  '**': '_pow(',
  '<<': "_bit('<<', ",
  '>>': "_bit('>>', ",
  '&': "_bit('&', ",
  '|': "_bit('|', ",
  '^': "_bit('^', ",
};
const ORDER_FUNCTION = { '<': '_lt', '<=': '_le', '>': '_gt', '>=': '_ge' } as const;
/** A middle operand of `a < b < c` is written twice; longer ones would grow without bound. */
const MAX_REPEATED_LENGTH = 200;

export function translateUnary(node: Extract<Node, { kind: 'unary' }>, scope: Scope): Translated {
  const { code, type } = scope.translate(node.operand, scope);
  if (node.op === 'not') return { code: `(not ${code})`, type: 'bool' };
  if (type === 'int' || type === 'float') {
    if (node.op === '-') return { code: `(-${code})`, type };
    if (node.op === '+') return { code, type };
  }
  const name = { '-': '_neg', '+': '_pos', '~': '_invert' }[node.op];
  return { code: `${name}(${code})`, type: 'any' };
}

export function translateBinary(node: Extract<Node, { kind: 'binary' }>, scope: Scope): Translated {
  const left = scope.translate(node.left, scope);
  const right = scope.translate(node.right, scope);
  const type = resultType(node.op, left.type, right.type);
  if (engineIsExact(node, left.type, right.type))
    return { code: `(${left.code} ${node.op} ${right.code})`, type };
  return { code: `${BINARY_FUNCTION[node.op]}${left.code}, ${right.code})`, type };
}

export function translateCompare(node: Extract<Node, { kind: 'compare' }>, scope: Scope): Translated {
  let left: Node = node.first;
  const links = node.rest.map(({ op, operand }, i) => {
    const link = translateLink(op, left, operand, scope);
    if (i > 0 && scope.translate(left, scope).code.length > MAX_REPEATED_LENGTH) {
      throw refuse('too_deep', 'A long operand in the middle of a chained comparison', left.pos);
    }
    left = operand;
    return link;
  });
  return { code: links.length === 1 ? (links[0] ?? '') : `(${links.join(' and ')})`, type: 'bool' };
}

function translateLink(op: CompareOp, left: Node, right: Node, scope: Scope): string {
  if (op === 'is' || op === 'is not') return translateIs(op, left, right, scope);
  const a = scope.translate(left, scope);
  if (op === 'in' || op === 'not in') {
    const container = scope.iterable(right, scope);
    const native = isPlainCollection(right);
    const code = native ? `(${a.code} in ${container})` : `_in(${a.code}, ${container})`;
    return op === 'in' ? code : `(not ${code})`;
  }
  const b = scope.translate(right, scope);
  if (op === '==' || op === '!=') {
    if (comparesNatively(a.type, b.type)) return `(${a.code} ${op} ${b.code})`;
    return op === '==' ? `_eq(${a.code}, ${b.code})` : `(not _eq(${a.code}, ${b.code}))`;
  }
  if (a.type === b.type && (a.type === 'str' || a.type === 'float')) return `(${a.code} ${op} ${b.code})`;
  return `${ORDER_FUNCTION[op]}(${a.code}, ${b.code})`;
}

function translateIs(op: 'is' | 'is not', left: Node, right: Node, scope: Scope): string {
  if (!isSingleton(left) && !isSingleton(right)) {
    throw refuse(
      'construct_not_supported',
      `"${op}" with anything but None, True and False; use ==`,
      right.pos,
    );
  }
  return `(${scope.translate(left, scope).code} ${op} ${scope.translate(right, scope).code})`;
}

function isSingleton(node: Node): boolean {
  return node.kind === 'none' || node.kind === 'bool';
}

function comparesNatively(a: StaticType, b: StaticType): boolean {
  const isText = (type: StaticType) => type === 'str' || type === 'none';
  return isText(a) || isText(b) || (a === b && (a === 'int' || a === 'float'));
}

/** A literal of texts, None and small whole numbers: the engine finds any value in it as CPython does. */
function isPlainCollection(node: Node): boolean {
  if (node.kind !== 'tuple' && node.kind !== 'list') return false;
  return node.items.every((item) => item.kind === 'str' || item.kind === 'none');
}

/** Whether the engine's own operator answers as CPython for these types and any value of them. */
function engineIsExact(
  node: Extract<Node, { kind: 'binary' }>,
  left: StaticType,
  right: StaticType,
): boolean {
  if (node.op === '+' && left === 'str' && right === 'str') return true;
  if (left !== 'float') return false;
  const smallInt = node.right.kind === 'int' && node.right.value <= 9_007_199_254_740_992n;
  if (right !== 'float' && !smallInt) return false;
  if (node.op === '+' || node.op === '-' || node.op === '*') return true;
  const nonZero =
    (node.right.kind === 'int' || node.right.kind === 'float') && Number(node.right.value) !== 0;
  return node.op === '/' && nonZero;
}

function resultType(op: BinaryOp, left: StaticType, right: StaticType): StaticType {
  const isNumber = (type: StaticType) => type === 'int' || type === 'float' || type === 'bool';
  if (op === '%' && left === 'str') return 'str';
  if (op === '+' && left === 'str') return 'str';
  if (!isNumber(left) || !isNumber(right) || op === '**') return 'any';
  if (left === 'float' || right === 'float') return 'float';
  if (op === '/') return 'float';
  if (op === '&' || op === '|' || op === '^') return left === 'int' && right === 'int' ? 'int' : 'any';
  return 'int';
}
