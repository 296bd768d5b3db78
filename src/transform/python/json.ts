import { fail, type PyError } from './errors.ts';
import { chargeEscapes } from './escape-cost.ts';
import { floatRepr } from './float-digits.ts';
import { hashKey, makeDict } from './hash-key.ts';
import type { Meter } from './meter.ts';
import { compareTexts } from './order.ts';
import { intText } from './repr.ts';
import { sortItems } from './sorting.ts';
import { isKind, type Py, typeName } from './values.ts';

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
const SPACE = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const PLAIN = /[^"\\\x00-\x1f]*/y;
const WORDS: readonly [string, Py][] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
];
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const MAX_DEPTH = 200;

/** json.loads. Throws PyError JSONDecodeError (a ValueError). */
export function loadJson(meter: Meter, text: string): Py {
  meter.spend(text.length >> 2);
  meter.allocate(text.length * 8);
  if (text.startsWith('\ufeff')) throw wrong('Unexpected UTF-8 BOM (decode using utf-8-sig)', text, 0);
  const reader = { text, at: 0 };
  skipSpace(reader);
  const value = readValue(meter, reader, 0);
  skipSpace(reader);
  if (reader.at < text.length) throw wrong('Extra data', text, reader.at);
  return value;
}

interface Reader {
  text: string;
  at: number;
}

function wrong(message: string, text: string, at: number): PyError {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  const column = [...before.slice(before.lastIndexOf('\n') + 1)].length + 1;
  return fail('JSONDecodeError', `${message}: line ${line} column ${column} (char ${[...before].length})`);
}

function take(reader: Reader, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = reader.at;
  const match = pattern.exec(reader.text);
  if (match) reader.at += match[0].length;
  return match;
}

function skipSpace(reader: Reader): void {
  take(reader, SPACE);
}

function readValue(meter: Meter, reader: Reader, depth: number): Py {
  meter.spend(1);
  if (depth > MAX_DEPTH)
    throw fail(
      'RecursionError',
      'maximum recursion depth exceeded while decoding a JSON array from a unicode string',
    );
  const start = reader.at;
  const char = reader.text.charAt(start);
  if (char === '"') return readText(reader);
  if (char === '{') return readObject(meter, reader, depth);
  if (char === '[') return readArray(meter, reader, depth);
  const word = WORDS.find(([name]) => reader.text.startsWith(name, start));
  if (word) {
    reader.at += word[0].length;
    return word[1];
  }
  const number = take(reader, NUMBER);
  if (!number) throw wrong('Expecting value', reader.text, start);
  if (number[1] !== undefined || number[2] !== undefined) return Number(number[0]);
  if (number[0].length > 4300)
    throw fail(
      'ValueError',
      `Exceeds the limit (4300 digits) for integer string conversion: value has ${number[0].replace('-', '').length} digits; use sys.set_int_max_str_digits() to increase the limit`,
    );
  return BigInt(number[0]);
}

function readArray(meter: Meter, reader: Reader, depth: number): Py {
  reader.at++;
  const items: Py[] = [];
  skipSpace(reader);
  if (reader.text.charAt(reader.at) === ']') {
    reader.at++;
    return items;
  }
  for (;;) {
    items.push(readValue(meter, reader, depth + 1));
    skipSpace(reader);
    const mark = reader.text.charAt(reader.at++);
    if (mark === ']') return items;
    if (mark !== ',') throw wrong("Expecting ',' delimiter", reader.text, reader.at - 1);
    skipSpace(reader);
  }
}

function readObject(meter: Meter, reader: Reader, depth: number): Py {
  reader.at++;
  const pairs: [Py, Py][] = [];
  skipSpace(reader);
  if (reader.text.charAt(reader.at) === '}') {
    reader.at++;
    return makeDict(meter, []);
  }
  for (;;) {
    if (reader.text.charAt(reader.at) !== '"')
      throw wrong('Expecting property name enclosed in double quotes', reader.text, reader.at);
    const key = readText(reader);
    skipSpace(reader);
    if (reader.text.charAt(reader.at) !== ':') throw wrong("Expecting ':' delimiter", reader.text, reader.at);
    reader.at++;
    skipSpace(reader);
    pairs.push([key, readValue(meter, reader, depth + 1)]);
    skipSpace(reader);
    const mark = reader.text.charAt(reader.at++);
    if (mark === '}') return makeDict(meter, pairs);
    if (mark !== ',') throw wrong("Expecting ',' delimiter", reader.text, reader.at - 1);
    skipSpace(reader);
  }
}

function readText(reader: Reader): string {
  const start = reader.at++;
  let text = '';
  for (;;) {
    text += take(reader, PLAIN)?.[0] ?? '';
    const char = reader.text.charAt(reader.at);
    if (char === '"') {
      reader.at++;
      if (!text.isWellFormed()) throw fail('UnicodeEncodeError', 'the text holds a lone surrogate');
      return text;
    }
    if (char === '') throw wrong('Unterminated string starting at', reader.text, start);
    if (char !== '\\') throw wrong('Invalid control character at', reader.text, reader.at);
    text += readEscape(reader, start);
  }
}

function readEscape(reader: Reader, start: number): string {
  const letter = reader.text.charAt(reader.at + 1);
  if (letter === '') throw wrong('Unterminated string starting at', reader.text, start);
  if (letter !== 'u') {
    const known = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    if (known === undefined) throw wrong('Invalid \\escape', reader.text, reader.at);
    reader.at += 2;
    return known;
  }
  const hex = reader.text.slice(reader.at + 2, reader.at + 6);
  if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw wrong('Invalid \\uXXXX escape', reader.text, reader.at + 1);
  reader.at += 6;
  return String.fromCharCode(Number.parseInt(hex, 16));
}

export interface DumpOptions {
  ascii: boolean;
  sortKeys: boolean;
  indent: string | null;
  itemMark: string;
  keyMark: string;
  allowNan: boolean;
  /** json.dumps(default=): what to write instead of what JSON has no form for. */
  otherwise: ((value: Py) => Py) | null;
}

/** json.dumps. Throws TypeError, ValueError. */
export function dumpJson(meter: Meter, value: Py, options: DumpOptions, depth = 0): string {
  meter.spend(1);
  if (depth > MAX_DEPTH)
    throw fail('RecursionError', 'maximum recursion depth exceeded while encoding a JSON object');
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return intText(value);
  if (typeof value === 'number') return dumpFloat(value, options);
  if (typeof value === 'string') return dumpText(meter, value, options.ascii);
  const inner = (item: Py) => dumpJson(meter, item, options, depth + 1);
  if (Array.isArray(value)) return wrapped(meter, '[', value.map(inner), ']', options, depth);
  if (value.kind === 'tuple') return wrapped(meter, '[', value.items.map(inner), ']', options, depth);
  if (isKind(value, 'dict')) return dumpDict(meter, value, options, depth);
  if (options.otherwise) return dumpJson(meter, options.otherwise(value), options, depth + 1);
  throw fail('TypeError', `Object of type ${typeName(value).replace(/^.*\./, '')} is not JSON serializable`);
}

function dumpFloat(value: number, { allowNan }: Pick<DumpOptions, 'allowNan'>): string {
  if (Number.isFinite(value)) return floatRepr(value);
  if (!allowNan)
    throw fail('ValueError', `Out of range float values are not JSON compliant: ${floatRepr(value)}`);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

const JSON_ASCII = {
  isEscaped: (unit: number) => unit < 0x20 || unit === 0x22 || unit === 0x5c || unit >= 0x7f,
  longest: 6,
};
const JSON_TEXT = {
  isEscaped: (unit: number) => unit < 0x20 || unit === 0x22 || unit === 0x5c,
  longest: 6,
};

function dumpText(meter: Meter, text: string, ascii: boolean): string {
  chargeEscapes(meter, text, ascii ? JSON_ASCII : JSON_TEXT);
  const written = JSON.stringify(text);
  if (!ascii) return written;
  return written.replace(
    /[\x7f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function dumpDict(
  meter: Meter,
  dict: Extract<Py, { kind: 'dict' }>,
  options: DumpOptions,
  depth: number,
): string {
  const entries = options.sortKeys ? sortedEntries(meter, dict) : [...dict.entries.values()];
  const texts = entries.map(([key, item]) => {
    return `${dumpText(meter, jsonKey(key, options), options.ascii)}${options.keyMark}${dumpJson(meter, item, options, depth + 1)}`;
  });
  return wrapped(meter, '{', texts, '}', options, depth);
}

/** By their keys, as sorted() has them. Throws TypeError where there is no order. */
function sortedEntries(meter: Meter, { entries }: Extract<Py, { kind: 'dict' }>): [Py, Py][] {
  const pairs = [...entries.values()];
  if (pairs.every(([key]) => typeof key === 'string'))
    return pairs.sort(([a], [b]) => compareTexts(String(a), String(b)));
  const keys = pairs.map(([key]) => key);
  return sortItems(meter, keys, null, false).flatMap((key): [Py, Py][] => {
    const pair = entries.get(hashKey(meter, key));
    return pair ? [pair] : [];
  });
}

/** A dict's key as JSON's text. Throws TypeError. */
export function jsonKey(key: Py, options: Pick<DumpOptions, 'allowNan'>): string {
  if (typeof key === 'string') return key;
  if (key === null) return 'null';
  if (typeof key === 'boolean') return String(key);
  if (typeof key === 'bigint') return intText(key);
  if (typeof key === 'number') return dumpFloat(key, options);
  throw fail(
    'TypeError',
    `keys must be str, int, float, bool or None, not ${typeName(key).replace(/^.*\./, '')}`,
  );
}

function wrapped(
  meter: Meter,
  open: string,
  texts: readonly string[],
  close: string,
  { indent, itemMark }: DumpOptions,
  depth: number,
): string {
  meter.allocate(texts.reduce((sum, text) => sum + text.length + 2, 0));
  if (indent === null || texts.length === 0) return open + texts.join(itemMark) + close;
  const line = `\n${indent.repeat(depth + 1)}`;
  return `${open}${line}${texts.join(itemMark + line)}\n${indent.repeat(depth)}${close}`;
}
