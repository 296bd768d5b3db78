import { formatValue } from '../python/format-value.ts';
import { converted } from '../python/str-format.ts';
import type { FormatPart } from './ast.ts';
import type { Env, Scope } from './scope.ts';

type Write = (env: Env) => string;

/** An f-string, or the spec of one of its fields. */
export function compileFormat(parts: readonly FormatPart[], scope: Scope): Write {
  const writes = parts.map((part) => (typeof part === 'string' ? () => part : compileField(part, scope)));
  const { meter } = scope.world;
  return (env) => {
    let text = '';
    for (const write of writes) text += write(env);
    if (text.length > 256) meter.allocate(text.length);
    return text;
  };
}

function compileField(part: Exclude<FormatPart, string>, scope: Scope): Write {
  const { meter } = scope.world;
  const value = scope.compile(part.value, scope);
  const spec = compileFormat(part.spec, scope);
  const conversion = part.conversion === '' ? undefined : part.conversion;
  return (env) => {
    const given = converted(meter, value(env), conversion);
    return formatValue(meter, given, spec(env));
  };
}
