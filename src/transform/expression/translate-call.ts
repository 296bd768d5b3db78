import type { Node } from './ast.ts';
import { BUILTINS, type Builtin, METHODS, type Method } from './builtins.ts';
import { refuse } from './refusal.ts';
import type { Scope, Translated } from './scope.ts';
import { SPECIAL_CALLS, translateFunction } from './special-calls.ts';
import { templateParts } from './str-format.ts';

export type Call = Extract<Node, { kind: 'call' }>;

/** A call of an allowed built-in or method. `consumed`: its value is walked through at once, so it may be an iterator. */
export function translateCall(node: Call, scope: Scope, consumed = false): Translated {
  if (node.callee.kind === 'attribute') return translateMethod(node, node.callee, scope, consumed);
  if (node.callee.kind !== 'name' || scope.targets.has(node.callee.name) || node.callee.name === 'v') {
    throw refuse('construct_not_supported', 'A call of something that is no known function', node.pos);
  }
  const name = node.callee.name;
  const special = Object.hasOwn(SPECIAL_CALLS, name) ? SPECIAL_CALLS[name] : undefined;
  const known = Object.hasOwn(BUILTINS, name) ? BUILTINS[name] : undefined;
  if (!special && !known) {
    throw refuse('name_not_allowed', `Function "${name}" is not available in an expression`, node.pos);
  }
  if ((special?.iterator || known?.iterator) && !consumed) {
    throw refuse('construct_not_supported', `${name}() outside list(), sum(), join() and the like`, node.pos);
  }
  const found = special?.translate(node, scope);
  if (found) return found;
  if (!known) throw refuse('syntax', `Wrong arguments for ${name}()`, node.pos);
  return translateBuiltin(node, name, known, scope);
}

function translateBuiltin(node: Call, name: string, known: Builtin, scope: Scope): Translated {
  const given = bindArguments(node, name, known);
  const codes = given.map((argument, i) => {
    if (argument === null) return null;
    const parameter = known.parameters[i];
    if (parameter === 'key' || parameter === 'function') return translateFunction(argument, scope);
    const walked = known.consumes && (i === 0 || known.parameters[i] === 'iterable');
    return walked || name === 'len' ? scope.iterable(argument, scope) : scope.translate(argument, scope).code;
  });
  const type = name === 'round' && given[1] === null ? 'int' : known.result;
  return { code: known.emit(codes), type };
}

function bindArguments(node: Call, name: string, known: Builtin): (Node | null)[] {
  const given: (Node | null)[] = known.parameters.map((_, i) => node.args[i] ?? null);
  if (node.args.length > known.parameters.length) {
    throw refuse('syntax', `${name}() takes at most ${known.parameters.length} arguments`, node.pos);
  }
  for (const argument of node.named) {
    const place = known.named.includes(argument.name) ? known.parameters.indexOf(argument.name) : -1;
    if (place < 0 || given[place] !== null) {
      throw refuse('syntax', `${name}() does not take the argument "${argument.name}"`, node.pos);
    }
    given[place] = argument.value;
  }
  const missing = known.parameters.findIndex((_, i) => i < known.required && given[i] === null);
  if (missing >= 0 || (name === 'int' && given[0] === null && given[1] !== null)) {
    throw refuse('syntax', `${name}() misses an argument`, node.pos);
  }
  return given;
}

function translateMethod(
  node: Call,
  callee: Extract<Node, { kind: 'attribute' }>,
  scope: Scope,
  consumed: boolean,
): Translated {
  const method = Object.hasOwn(METHODS, callee.name) ? METHODS[callee.name] : undefined;
  if (callee.name === 'format') return translateStrFormat(node, callee.object, scope);
  if (!method)
    throw refuse('attribute_not_allowed', `Method ".${callee.name}()" is not available`, callee.pos);
  if (
    callee.object.kind === 'name' &&
    Object.hasOwn(BUILTINS, callee.object.name) &&
    !scope.targets.has(callee.object.name)
  ) {
    throw refuse(
      'attribute_not_allowed',
      `"${callee.object.name}.${callee.name}"; call it on the value`,
      callee.pos,
    );
  }
  if (method.view && !consumed) {
    throw refuse(
      'construct_not_supported',
      `.${callee.name}() outside list(), sorted(), len() and the like`,
      callee.pos,
    );
  }
  const count = node.args.length + node.named.length;
  if (count < method.min || count > method.max) {
    throw refuse('syntax', `.${callee.name}() takes ${method.min} to ${method.max} arguments`, callee.pos);
  }
  const unknown = node.named.find((argument) => !method.named?.includes(argument.name));
  if (unknown)
    throw refuse('syntax', `.${callee.name}() does not take "${unknown.name}" by name`, callee.pos);
  const object = scope.translate(callee.object, scope);
  const args = node.args.map((argument, i) =>
    method.consumes && i === 0 ? scope.iterable(argument, scope) : scope.translate(argument, scope).code,
  );
  args.push(
    ...node.named.map((argument) => `${argument.name}=${scope.translate(argument.value, scope).code}`),
  );
  const whole = bareOrPlaced(object.code, callee.name, args, method);
  if (whole !== null) return { code: whole, type: method.result };
  if (method.prelude)
    return { code: `${method.prelude}(${[object.code, ...args].join(', ')})`, type: method.result };
  return { code: `${receiver(object.code)}.${callee.name}(${args.join(', ')})`, type: method.result };
}

function bareOrPlaced(object: string, name: string, args: string[], method: Method): string | null {
  if (method.bare && args.length === 0) return `${method.bare}(${object})`;
  if (!method.placed || args.length < 2) return null;
  const [first, ...bounds] = args;
  return `_from(${object}, '${name}', ${first}, ${bounds.join(', ')})`;
}

/** A number literal before a dot would read as a float. */
function receiver(code: string): string {
  return /^[0-9]/.test(code) ? `(${code})` : code;
}

function translateStrFormat(node: Call, template: Node, scope: Scope): Translated {
  if (template.kind !== 'str') {
    throw refuse(
      'attribute_not_allowed',
      'str.format() of anything but a literal; use an f-string',
      node.pos,
    );
  }
  return scope.translate(
    { kind: 'fstring', parts: templateParts(template.value, node), pos: node.pos },
    scope,
  );
}
