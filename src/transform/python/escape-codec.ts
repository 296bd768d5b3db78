import { fail } from './errors.ts';

/** One step of decoding. code: the character, -1 for none, null where the bytes are wrong; length: bytes it took. */
export interface Read {
  code: number | null;
  length: number;
}

const SHORT: Readonly<Record<string, number>> = {
  '\n': -1,
  '\\': 92,
  "'": 39,
  '"': 34,
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
};
const WRITTEN: ReadonlyMap<number, string> = new Map([
  [92, '\\\\'],
  [9, '\\t'],
  [10, '\\n'],
  [13, '\\r'],
]);
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** One character of unicode_escape: what is not printable ASCII is escaped. */
export function writeEscape(code: number): number[] {
  const short = WRITTEN.get(code);
  if (short !== undefined) return [...Buffer.from(short)];
  if (code >= 32 && code < 127) return [code];
  const [mark, digits] = code < 256 ? ['x', 2] : code < 0x10000 ? ['u', 4] : ['U', 8];
  return [...Buffer.from(`\\${mark}${code.toString(16).padStart(Number(digits), '0')}`)];
}

/** Latin-1 with Python's escapes. A backslash before what is none stands for itself. */
export function readEscape(bytes: Uint8Array, at: number): Read {
  const first = bytes[at] ?? 0;
  if (first !== 92) return { code: first, length: 1 };
  if (at + 1 >= bytes.length) return { code: null, length: 1 };
  const letter = String.fromCharCode(bytes[at + 1] ?? 0);
  const short = Object.hasOwn(SHORT, letter) ? SHORT[letter] : undefined;
  if (short !== undefined) return { code: short, length: 2 };
  if (/[0-7]/.test(letter)) {
    const [octal = ''] = /^[0-7]{1,3}/.exec(textAt(bytes, at + 1, 3)) ?? [];
    return { code: Number.parseInt(octal, 8), length: 1 + octal.length };
  }
  if (letter === 'N')
    throw fail('NotImplementedError', 'named characters of unicode_escape are not supported here');
  const digits = Object.hasOwn(HEX_DIGITS, letter) ? HEX_DIGITS[letter] : undefined;
  return digits === undefined ? { code: 92, length: 1 } : readHex(bytes, at, digits);
}

function readHex(bytes: Uint8Array, at: number, digits: number): Read {
  const [hex = ''] = /^[0-9a-fA-F]*/.exec(textAt(bytes, at + 2, digits)) ?? [];
  if (hex.length < digits) return { code: null, length: 2 + hex.length };
  const code = Number.parseInt(hex, 16);
  if (code > 0x10ffff) return { code: null, length: 2 + digits };
  if (code >= 0xd800 && code <= 0xdfff)
    throw fail('NotImplementedError', 'half characters of unicode_escape are not supported here');
  return { code, length: 2 + digits };
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  return Buffer.from(bytes.subarray(at, at + length)).toString('latin1');
}
