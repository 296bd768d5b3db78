import { jsonCell } from './cells.ts';
import { type ColumnType, isIntegerText, typeOfString } from './column-type.ts';
import type { Columns } from './columns.ts';
import type { RowSink } from './row-sink.ts';

/**
 * Emits one record given as JSON text, its numbers as they are written. Text that is not an object is a bad row.
 * `record`: the number the row gets; `line`: where a problem is said to be.
 */
export function emitJsonRecord(
  text: string,
  record: number,
  columns: Columns,
  sink: RowSink,
  line = record,
): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    sink.bad(line, `invalid JSON: ${error instanceof Error ? error.message : String(error)}`);
    return;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    sink.bad(line, `a record must be an object, found ${nameOf(value)}`);
    return;
  }
  emitMembers(text, record, columns, sink, line);
}

/** Walks text that JSON.parse accepted, so the scanner need not check it again. */
function emitMembers(text: string, record: number, columns: Columns, sink: RowSink, line: number): void {
  const cells = new Map<string, string>();
  const keys = new Set<string>();
  let at = skipSpace(text, text.indexOf('{') + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const keyEnd = endOfString(text, at);
    const key = keyOf(text, at, keyEnd);
    const from = skipSpace(text, text.indexOf(':', keyEnd) + 1);
    const to = endOfValue(text, from);
    const column = columns.get(key);
    const type = typeAt(text, from, to);
    if (column.selected) {
      if (column.isKey && type !== 'unknown') keys.add(column.name);
      cells.set(column.label, jsonCell(columns, column, oneLine(text.slice(from, to)), type));
    }
    at = skipSpace(text, skipSpace(text, to) + 1);
  }
  const missing = missingKey(columns, keys);
  if (missing !== undefined) {
    sink.bad(line, `the key "${missing}" has no value`);
    return;
  }
  let body = '';
  for (const [label, json] of cells) body += body === '' ? label + json : `,${label}${json}`;
  sink.row(record, body);
}

function missingKey(columns: Columns, present: ReadonlySet<string>): string | undefined {
  return columns.keys.find((key) => !present.has(key));
}

function keyOf(text: string, at: number, end: number): string {
  const raw = text.slice(at + 1, end - 1);
  if (!raw.includes('\\')) return raw;
  const key: unknown = JSON.parse(text.slice(at, end));
  return String(key);
}

function typeAt(text: string, from: number, to: number): ColumnType {
  switch (text.charCodeAt(from)) {
    case QUOTE:
      return to - from > MAX_DATE_LENGTH ? 'string' : typeOfString(text.slice(from + 1, to - 1));
    case OPEN_BRACE:
      return 'object';
    case OPEN_BRACKET:
      return 'array';
    case LOWER_N:
      return 'unknown';
    case LOWER_T:
    case LOWER_F:
      return 'boolean';
    default:
      return typeOfNumber(text.slice(from, to));
  }
}

/** Digits beyond 64 bits are a number: no integer column holds them. */
function typeOfNumber(json: string): ColumnType {
  return isIntegerText(json) ? 'integer' : 'number';
}

const MAX_DATE_LENGTH = 48;

/** Line ends can only stand between tokens, so a space says the same. */
function oneLine(json: string): string {
  return json.includes('\n') || json.includes('\r') ? json.replace(/[\r\n]+/g, ' ') : json;
}

function endOfValue(text: string, from: number): number {
  const first = text.charCodeAt(from);
  if (first === QUOTE) return endOfString(text, from);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return endOfNested(text, from);
  let at = from;
  for (let code = first; code !== COMMA && code !== CLOSE_BRACE && code > SPACE; code = text.charCodeAt(at))
    at++;
  return at;
}

/** Behind the closing quote of the string that opens at `from`. */
function endOfString(text: string, from: number): number {
  for (let close = text.indexOf('"', from + 1); ; close = text.indexOf('"', close + 1)) {
    let slashes = 0;
    while (text.charCodeAt(close - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return close + 1;
  }
}

function endOfNested(text: string, from: number): number {
  let depth = 0;
  for (let at = from; ; ) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      continue;
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
    if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--;
    at++;
    if (depth === 0) return at;
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= SPACE) at++;
  return at;
}

function nameOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const SPACE = 32;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const LOWER_N = 110;
const LOWER_T = 116;
const LOWER_F = 102;
