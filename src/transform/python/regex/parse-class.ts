import { fail, type PyError } from '../errors.ts';
import type { Reader, RegexState } from './reader.ts';
import { type CharSet, type CharSetItem, type ClassName, FLAGS, type RegexNode } from './syntax.ts';

const CONTROL: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92 };

/** What follows a backslash outside [...]. */
export function parseEscape(reader: Reader, state: RegexState): RegexNode {
  const char = reader.next();
  if (char === '') throw fail('error', `bad escape (end of pattern) at position ${reader.at - 2}`);
  const ascii = (state.flags & FLAGS.A) !== 0;
  const ignoreCase = (state.flags & FLAGS.I) !== 0;
  if (char === 'A') return { kind: 'start' };
  if (char === 'Z') return { kind: 'textEnd' };
  if (char === 'b' || char === 'B') return { kind: 'boundary', negated: char === 'B', ascii };
  if (isClass(char))
    return {
      kind: 'set',
      set: { negated: false, ignoreCase: false, items: [{ kind: 'class', name: char, ascii }] },
    };
  if (/^[1-9]$/.test(char)) return numbered(reader, state, char);
  const code = escapedCode(reader, char);
  if (code === null) throw badEscape(char, reader);
  return { kind: 'char', char: String.fromCodePoint(code), ignoreCase };
}

function numbered(reader: Reader, state: RegexState, first: string): RegexNode {
  const octal = /^[0-3][0-7][0-7]/.exec(first + reader.rest(2));
  const ignoreCase = (state.flags & FLAGS.I) !== 0;
  if (octal) {
    reader.at += 2;
    return { kind: 'char', char: String.fromCodePoint(Number.parseInt(octal[0], 8)), ignoreCase };
  }
  const second = /^\d/.test(reader.peek()) ? reader.next() : '';
  const number = Number(first + second);
  if (number > state.groups)
    throw fail('error', `invalid group reference ${number} at position ${reader.at - 1}`);
  if (state.open.has(number))
    throw fail('error', `cannot refer to an open group at position ${reader.at - 2}`);
  return { kind: 'backreference', number, ignoreCase };
}

function isClass(char: string): char is ClassName {
  return /^[dDwWsS]$/.test(char);
}

function badEscape(char: string, reader: Reader): PyError {
  return fail('error', `bad escape \\${char} at position ${reader.at - 2}`);
}

/** The code point an escape stands for; null: a letter that means nothing. */
function escapedCode(reader: Reader, char: string): number | null {
  const known = CONTROL[char];
  if (known !== undefined && char !== 'b') return known;
  if (char === '0') {
    const more = /^[0-7]{0,2}/.exec(reader.rest(2))?.[0] ?? '';
    reader.at += more.length;
    return Number.parseInt(`0${more}`, 8);
  }
  const length = { x: 2, u: 4, U: 8 }[char];
  if (length !== undefined) {
    const hex = reader.rest(length);
    if (!new RegExp(`^[0-9a-fA-F]{${length}}$`).test(hex))
      throw fail('error', `incomplete escape \\${char}${hex} at position ${reader.at - 2}`);
    reader.at += length;
    const code = Number.parseInt(hex, 16);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw badEscape(char, reader);
    return code;
  }
  if (/^[A-Za-z0-9]$/.test(char)) return null;
  return char.codePointAt(0) ?? 0;
}

/** What stands between [ and ]. */
export function parseSet(reader: Reader, state: RegexState): CharSet {
  const set: CharSet = { negated: reader.take('^'), ignoreCase: (state.flags & FLAGS.I) !== 0, items: [] };
  const ascii = (state.flags & FLAGS.A) !== 0;
  for (let first = true; ; first = false) {
    const char = reader.next();
    if (char === '') throw fail('error', 'unterminated character set at position 0');
    if (char === ']' && !first) return set;
    const from = setItem(reader, char, ascii);
    if (reader.peek() !== '-' || reader.rest(2) === '-]') {
      set.items.push(from);
      continue;
    }
    reader.at++;
    const end = reader.next();
    if (end === '') throw fail('error', 'unterminated character set at position 0');
    set.items.push(rangeOf(from, setItem(reader, end, ascii), reader));
  }
}

function setItem(reader: Reader, char: string, ascii: boolean): CharSetItem {
  if (char !== '\\') return single(char.codePointAt(0) ?? 0);
  const letter = reader.next();
  if (letter === '') throw fail('error', 'unterminated character set at position 0');
  if (isClass(letter)) return { kind: 'class', name: letter, ascii };
  if (letter === 'b') return single(8);
  if (/^[1-7]$/.test(letter)) {
    const more = /^[0-7]{0,2}/.exec(reader.rest(2))?.[0] ?? '';
    reader.at += more.length;
    return single(Number.parseInt(letter + more, 8));
  }
  const code = escapedCode(reader, letter);
  if (code === null) throw badEscape(letter, reader);
  return single(code);
}

function single(code: number): CharSetItem {
  return { kind: 'range', from: code, to: code };
}

function rangeOf(from: CharSetItem, to: CharSetItem, reader: Reader): CharSetItem {
  if (from.kind !== 'range' || to.kind !== 'range')
    throw fail('error', `bad character range at position ${reader.at}`);
  if (to.from < from.from) throw fail('error', `bad character range at position ${reader.at}`);
  return { kind: 'range', from: from.from, to: to.from };
}
