import type { StoreValue } from '../../domain/foundry/store-value.ts';

const TOKEN = /\s*([[\]{}:,"]|-?\d[\d.eE+-]*|true|false|null)/gy;

/**
 * A JSON document with every number as it is written, names in their order and repeated ones by their last. Text that is no JSON, or too deep, stays
 * text.
 */
export function readJson(text: string): StoreValue {
  try {
    return document(text);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return text;
    throw error;
  }
}

function document(text: string): StoreValue {
  const scan = new RegExp(TOKEN);
  const next = (): string => {
    const [, token] = scan.exec(text) ?? [];
    if (token === undefined) throw new SyntaxError('no JSON');
    if (token !== '"') return token;
    const from = scan.lastIndex - 1;
    scan.lastIndex = endOfText(text, from);
    return text.slice(from, scan.lastIndex);
  };
  const value = valueAt(next(), next);
  if (text.slice(scan.lastIndex).trim() !== '') throw new SyntaxError('more than one value');
  return value;
}

/** By hand: an expression would run out of stack in a text of megabytes. */
function endOfText(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += text[at] === '\\' ? 2 : 1)
    if (text[at] === '"') return at + 1;
  throw new SyntaxError('a text without an end');
}

function valueAt(token: string, next: () => string): StoreValue {
  switch (token[0]) {
    case '[':
      return listAt(next);
    case '{':
      return objectAt(next);
    case '"':
      return textOf(token);
    case 't':
      return true;
    case 'f':
      return false;
    case 'n':
      return null;
    default:
      return readJsonNumber(token);
  }
}

function listAt(next: () => string): StoreValue[] {
  const list: StoreValue[] = [];
  for (let token = next(); token !== ']'; token = next()) {
    if (token !== ',') list.push(valueAt(token, next));
  }
  return list;
}

function objectAt(next: () => string): Map<string, StoreValue> {
  const object = new Map<string, StoreValue>();
  for (let token = next(); token !== '}'; token = next()) {
    if (token === ',') continue;
    const name = textOf(token);
    if (next() !== ':') throw new SyntaxError('a name without a value');
    object.set(name, valueAt(next(), next));
  }
  return object;
}

function textOf(token: string): string {
  return String(JSON.parse(token));
}

/** Whole numbers as such; others as doubles where a double prints the same digits. */
export function readJsonNumber(text: string): StoreValue {
  if (/^-?\d+$/.test(text) && text !== '-0') return BigInt(text);
  const double = Number(text);
  if (Number.isNaN(double)) throw new SyntaxError('no number');
  return String(double) === text || text === `${double}.0` || text === '-0.0' || text === '-0'
    ? double
    : { decimal: text };
}
