import { refuse } from './refusal.ts';

const SIMPLE: Record<string, string> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|([\s\S])|$)/gu;

/** The text a Python string literal's body stands for. Throws InvalidError `expression.*` for escapes Python refuses. */
export function decodeEscapes(body: string, pos: number): string {
  return body.replace(ESCAPE, (all, x, u, wide, octal, other) => {
    const hex = x ?? u ?? wide;
    if (hex !== undefined) return codePoint(Number.parseInt(hex, 16), pos);
    if (octal !== undefined) return codePoint(Number.parseInt(octal, 8), pos);
    if (other === 'N') throw refuse('construct_not_supported', 'Named characters (\\N{...})', pos);
    if (['x', 'u', 'U'].includes(other)) throw refuse('syntax', `A \\${other} escape is cut short`, pos);
    return SIMPLE[other] ?? all;
  });
}

function codePoint(code: number, pos: number): string {
  if (code > 0x10ffff) throw refuse('syntax', 'A \\U escape is beyond \\U0010ffff', pos);
  if (code >= 0xd800 && code <= 0xdfff) {
    throw refuse('construct_not_supported', 'Lone surrogates in a string', pos);
  }
  return String.fromCodePoint(code);
}

/** The bytes a b'...' literal stands for. */
export function decodeBytes(body: string, raw: boolean, pos: number): Uint8Array {
  if (/[^\p{ASCII}]/u.test(body)) throw refuse('syntax', 'Bytes hold ASCII characters only', pos);
  if (raw) return Buffer.from(body, 'latin1');
  const text = body.replace(/\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([\s\S]))/g, (all, hex, octal, other) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    if (other === 'x') throw refuse('syntax', 'A \\x escape is cut short', pos);
    return SIMPLE[other] ?? all;
  });
  return Buffer.from(text, 'latin1');
}
