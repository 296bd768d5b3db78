import { FileError } from './errors.ts';
import { MAX_RECORD_BYTES } from './text-blocks.ts';

/** One element of the outermost array as text, with the line it starts on. */
export type OnElement = (text: string, line: number, record: number) => void;

export interface JsonSplitter {
  push(text: string): void;
  /** Throws FileError when the text ended inside an element or before the array's bracket. */
  end(): void;
}

/**
 * Cuts a JSON array into its elements while the text arrives, holding no more than one element. A text without the array, one
 * object or several in a row, is cut as well.
 */
export function createJsonSplitter(onElement: OnElement): JsonSplitter {
  let held = '';
  let at = 0;
  let start = -1;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let array: 'unknown' | 'none' | 'open' | 'closed' = 'unknown';
  let line = 1;
  let startLine = 1;
  let record = 0;
  let needsComma = false;
  let nextSlash = -1;
  return { push, end };

  function push(text: string): void {
    held += text;
    nextSlash = -1;
    while (at < held.length) step(held.charCodeAt(at));
    held = start < 0 ? '' : held.slice(start);
    at = held.length;
    if (start >= 0) start = 0;
    if (held.length > MAX_RECORD_BYTES)
      throw fault('tap.record_too_large', 'a record that starts here is too large', startLine);
  }

  function step(code: number): void {
    if (code === NEWLINE) line++;
    if (inString) {
      stepInString(code);
      return;
    }
    if (depth > 0) {
      stepInside(code);
      return;
    }
    if (start >= 0 && isEndOfScalar(code)) emit(at);
    if (code <= SPACE || (at === 0 && code === BYTE_ORDER_MARK && array === 'unknown')) at++;
    else stepBetween(code);
  }

  function stepInString(code: number): void {
    if (!escaped && code !== QUOTE && code !== BACKSLASH) {
      skipPlain();
      return;
    }
    if (!escaped && code === QUOTE) inString = false;
    escaped = !escaped && code === BACKSLASH;
    at++;
    if (!inString && depth === 0) emit(at);
  }

  /** Jumps over what cannot end a string. The next backslash is remembered: most strings have none, and the search goes far. */
  function skipPlain(): void {
    if (nextSlash < at) nextSlash = indexOrEnd(held, '\\', at);
    at = Math.min(nextSlash, indexOrEnd(held, '"', at));
  }

  function stepInside(code: number): void {
    if (code === QUOTE) inString = true;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--;
    at++;
    if (depth === 0) emit(at);
  }

  function stepBetween(code: number): void {
    if (array === 'closed') throw fault('tap.file_corrupt', 'text follows the end of the array', line);
    if (array === 'unknown') {
      array = code === OPEN_BRACKET ? 'open' : 'none';
      if (array === 'open') return void at++;
    }
    if (array === 'open' && code === CLOSE_BRACKET) {
      array = 'closed';
      return void at++;
    }
    if (code === COMMA && array === 'open' && needsComma) {
      needsComma = false;
      return void at++;
    }
    if (array === 'open' && needsComma && start < 0)
      throw fault('tap.file_corrupt', 'expected a comma between records', line);
    beginOrGoOn(code);
  }

  function beginOrGoOn(code: number): void {
    if (start < 0) {
      start = at;
      startLine = line;
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth = 1;
    else if (code === QUOTE) inString = true;
    at++;
  }

  function isEndOfScalar(code: number): boolean {
    return code <= SPACE || code === COMMA || code === CLOSE_BRACKET;
  }

  function emit(to: number): void {
    record++;
    onElement(held.slice(start, to), startLine, record);
    start = -1;
    needsComma = true;
  }

  function end(): void {
    if (start >= 0 && array === 'none' && depth === 0 && !inString) emit(held.length);
    if (start >= 0)
      throw fault('tap.file_corrupt', 'the JSON ends inside a record that starts here', startLine);
    if (array === 'open') throw fault('tap.file_corrupt', 'the JSON ends before its array is closed', line);
  }
}

function indexOrEnd(text: string, what: string, from: number): number {
  const found = text.indexOf(what, from);
  return found < 0 ? text.length : found;
}

function fault(code: 'tap.file_corrupt' | 'tap.record_too_large', message: string, line: number): FileError {
  return new FileError(code, message, { line });
}

const NEWLINE = 10;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const BYTE_ORDER_MARK = 0xfeff;
