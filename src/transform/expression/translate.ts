import type { FormatPart, Node } from './ast.ts';
import { BUILTINS } from './builtins.ts';
import { floatLiteral, stringLiteral } from './literals.ts';
import { refuse } from './refusal.ts';
import { type Scope, type Translated, variable } from './scope.ts';
import { translateCall } from './translate-call.ts';
import { translateClauses } from './translate-clauses.ts';
import { translateBinary, translateCompare, translateUnary } from './translate-operators.ts';

const MAX_CODE_LENGTH = 32_768;
const OUTERMOST: Scope = {
  targets: new Set(),
  insideComprehension: false,
  translate,
  iterable: translateIterable,
};

/**
 * Writes the checked expression as a program the engine answers as CPython does: operators and conversions call the prelude,
 * names come from allowlists. Throws InvalidError `expression.*` for what is refused.
 */
export function translateExpression(node: Node): Translated {
  return translate(node, OUTERMOST);
}

function translate(node: Node, scope: Scope): Translated {
  const translated = translateNode(node, scope);
  if (translated.code.length > MAX_CODE_LENGTH)
    throw refuse('too_deep', 'The expression is too involved', node.pos);
  return translated;
}

function translateNode(node: Node, scope: Scope): Translated {
  const code = (child: Node) => translate(child, scope).code;
  switch (node.kind) {
    case 'none':
      return { code: 'None', type: 'none' };
    case 'bool':
      return { code: node.value ? 'True' : 'False', type: 'bool' };
    case 'int':
      return { code: String(node.value), type: 'int' };
    case 'float':
      return { code: floatLiteral(node.value), type: 'float' };
    case 'str':
      return { code: stringLiteral(node.value), type: 'str' };
    case 'fstring':
      return { code: translateParts(node.parts, scope), type: 'str' };
    case 'name':
      return translateName(node.name, node.pos, scope);
    case 'list':
      return { code: `[${node.items.map(code).join(', ')}]`, type: 'list' };
    case 'tuple':
      return { code: `(${node.items.map((item) => `${code(item)},`).join(' ')})`, type: 'any' };
    case 'set':
      return { code: `{${node.items.map(code).join(', ')}}`, type: 'any' };
    case 'dict':
      return { code: `{${node.entries.map(([k, x]) => `${code(k)}: ${code(x)}`).join(', ')}}`, type: 'any' };
    case 'comprehension':
      if (node.of === 'generator') {
        throw refuse(
          'construct_not_supported',
          'A generator outside list(), sum(), any() and the like',
          node.pos,
        );
      }
      return translateComprehension(node, scope);
    case 'unary':
      return translateUnary(node, scope);
    case 'binary':
      return translateBinary(node, scope);
    case 'compare':
      return translateCompare(node, scope);
    case 'logical':
      return joinBranches(node.operands, ` ${node.op} `, scope);
    case 'conditional': {
      const then = translate(node.then, scope);
      const otherwise = translate(node.otherwise, scope);
      const type = then.type === otherwise.type ? then.type : 'any';
      return { code: `(${then.code} if ${code(node.test)} else ${otherwise.code})`, type };
    }
    case 'attribute':
      throw refuse(
        'attribute_not_allowed',
        `Attribute ".${node.name}": only method calls are allowed`,
        node.pos,
      );
    case 'call':
      return translateCall(node, scope);
    case 'index':
      return { code: `_index_of(${code(node.object)}, ${code(node.index)})`, type: 'any' };
    case 'slice':
      return translateSlice(node, scope);
  }
}

/** Something that is walked through: here an iterator may stand. Its code gives a list or an iterable of the engine. */
function translateIterable(node: Node, scope: Scope): string {
  if (node.kind === 'comprehension' && node.of === 'generator')
    return translateComprehension(node, scope).code;
  if (node.kind === 'call') return translateCall(node, scope, true).code;
  return translate(node, scope).code;
}

function translateComprehension(node: Extract<Node, { kind: 'comprehension' }>, scope: Scope): Translated {
  const { clauses, inner } = translateClauses(node.clauses, scope);
  const element = translate(node.element, inner).code;
  const value = node.value === null ? '' : `: ${translate(node.value, inner).code}`;
  const body = `${element}${value} ${clauses}`;
  if (node.of === 'list' || node.of === 'generator') return { code: `[${body}]`, type: 'list' };
  return { code: `{${body}}`, type: 'any' };
}

function translateName(name: string, pos: number, scope: Scope): Translated {
  if (scope.targets.has(name)) return { code: variable(name), type: 'any' };
  if (name === 'v') {
    if (!scope.insideComprehension) return { code: 'v', type: 'any' };
    throw refuse(
      'name_not_allowed',
      '"v" inside a comprehension is a NameError before Python 3.12; only its first "in" may read v',
      pos,
    );
  }
  if (Object.hasOwn(BUILTINS, name)) {
    throw refuse(
      'construct_not_supported',
      `"${name}" as a value; call it, or pass it as key= or to map()`,
      pos,
    );
  }
  throw refuse('name_not_allowed', `Name "${name}": only v and a list of built-in functions are known`, pos);
}

function joinBranches(operands: readonly Node[], op: string, scope: Scope): Translated {
  const parts = operands.map((operand) => translate(operand, scope));
  const types = new Set(parts.map((part) => part.type));
  const [only = 'any'] = types;
  return { code: `(${parts.map((part) => part.code).join(op)})`, type: types.size === 1 ? only : 'any' };
}

function translateSlice(node: Extract<Node, { kind: 'slice' }>, scope: Scope): Translated {
  const object = translate(node.object, scope);
  const bounds = [node.from, node.to, node.step];
  if (object.type === 'str' && bounds.every(isSmallBound)) {
    const [from, to, step] = bounds.map((bound) => (bound === null ? '' : translate(bound, scope).code));
    return { code: `${object.code}[${from}:${to}:${step}]`, type: 'str' };
  }
  const codes = bounds.map((bound) => (bound === null ? 'None' : translate(bound, scope).code));
  return {
    code: `_slice(${object.code}, ${codes.join(', ')})`,
    type: object.type === 'str' ? 'str' : 'any',
  };
}

function isSmallBound(node: Node | null): boolean {
  if (node === null) return true;
  const inner = node.kind === 'unary' && node.op === '-' ? node.operand : node;
  return inner.kind === 'int' && inner.value < 1_000_000n;
}

function translateParts(parts: readonly FormatPart[], scope: Scope): string {
  if (parts.length === 0) return "''";
  const codes = parts.map((part) => {
    if (typeof part === 'string') return stringLiteral(part);
    const value = translate(part.value, scope).code;
    const converted =
      part.conversion === '' ? value : part.conversion === 'r' ? `_repr(${value})` : `_str(${value})`;
    return part.spec.length === 0
      ? `_str(${converted})`
      : `_fmt(${converted}, ${translateParts(part.spec, scope)})`;
  });
  return codes.length === 1 ? (codes[0] ?? "''") : `''.join([${codes.join(', ')}])`;
}
