import { InvalidError } from '../../../src/errors.ts';
import type { ExpressionEngine, PyValue } from '../../../src/ports/expressions.ts';
import { isScalar, parsePyJson, printPyJson } from '../../../src/transform/py-json.ts';

/** The answers as CPython's are written, or "!refused: why" for an expression that cannot be saved. */
export async function askIvory(
  engine: ExpressionEngine,
  fn: string,
  values: readonly string[],
): Promise<string[] | string> {
  try {
    const results = await engine.evaluate(fn, values.map(readValue));
    return results.map((result) =>
      result.ok ? printTyped(result.value) : `!${result.error.replace(/:[\s\S]*$/, '')}`,
    );
  } catch (error) {
    if (error instanceof InvalidError) return `!refused: ${error.message}`;
    throw error;
  }
}

function readValue(text: string): PyValue {
  const value = parsePyJson(text);
  if (!(value instanceof Map) || !value.has('$')) return value;
  const [type, written] = [value.get('$'), String(value.get('text'))];
  if (type === 'decimal' || type === 'date' || type === 'datetime' || type === 'time' || type === 'bytes')
    return { type, text: written };
  throw new Error(`no scalar type ${String(type)}`);
}

function printTyped(value: PyValue): string {
  if (Array.isArray(value)) return `[${value.map(printTyped).join(',')}]`;
  if (value instanceof Map)
    return `{${Array.from(value, ([key, item]) => `${JSON.stringify(key)}:${printTyped(item)}`).join(',')}}`;
  return isScalar(value) ? `{"$":"${value.type}","text":${JSON.stringify(value.text)}}` : printPyJson(value);
}
