import { fail } from './errors.ts';
import type { Meter } from './meter.ts';
import { bytesOf } from './values.ts';

/** text.encode(), bytes(text, encoding). */
export function encodeText(meter: Meter, text: string, encoding: string, errors: string) {
  meter.allocate(text.length * 3);
  const name = codecName(encoding);
  if (name === 'utf8') return bytesOf(Buffer.from(text, 'utf8'));
  const limit = name === 'ascii' ? 128 : 256;
  const bytes: number[] = [];
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code < limit) bytes.push(code);
    else bytes.push(...unencodable(code, name, errors, limit));
  }
  return bytesOf(Uint8Array.from(bytes));
}

function unencodable(code: number, name: string, errors: string, limit: number): number[] {
  if (errors === 'ignore') return [];
  if (errors === 'replace') return [63];
  const hex = code.toString(16);
  const escaped =
    code < 256
      ? `\\x${hex.padStart(2, '0')}`
      : code < 65_536
        ? `\\u${hex.padStart(4, '0')}`
        : `\\U${hex.padStart(8, '0')}`;
  if (errors === 'xmlcharrefreplace') return [...Buffer.from(`&#${code};`)];
  if (errors === 'backslashreplace') return [...Buffer.from(escaped)];
  if (errors !== 'strict') throw fail('LookupError', `unknown error handler name '${errors}'`);
  const codec = name === 'ascii' ? 'ascii' : 'latin-1';
  throw fail(
    'UnicodeEncodeError',
    `'${codec}' codec can't encode character '${escaped}' in position ?: ordinal not in range(${limit})`,
  );
}

export function decodeBytes(meter: Meter, bytes: Uint8Array, encoding: string, errors: string): string {
  meter.allocate(bytes.length * 2);
  const name = codecName(encoding);
  if (name === 'latin1') return Buffer.from(bytes).toString('latin1');
  if (!['strict', 'ignore', 'replace'].includes(errors))
    throw fail('LookupError', `unknown error handler name '${errors}'`);
  if (name === 'ascii') return decodeAscii(bytes, errors);
  try {
    const text = new TextDecoder('utf-8', { fatal: errors !== 'replace', ignoreBOM: true }).decode(bytes);
    return text;
  } catch {
    if (errors === 'ignore') return decodeIgnoring(bytes);
    throw fail('UnicodeDecodeError', "'utf-8' codec can't decode the bytes");
  }
}

function decodeAscii(bytes: Uint8Array, errors: string): string {
  const high = bytes.findIndex((byte) => byte > 127);
  if (high >= 0 && errors === 'strict') {
    const byte = (bytes[high] ?? 0).toString(16);
    throw fail(
      'UnicodeDecodeError',
      `'ascii' codec can't decode byte 0x${byte} in position ${high}: ordinal not in range(128)`,
    );
  }
  return Array.from(bytes, (byte) =>
    byte < 128 ? String.fromCharCode(byte) : errors === 'ignore' ? '' : '\ufffd',
  ).join('');
}

/** U+FFFD that is really there survives: only what replaces malformed bytes is left out. */
function decodeIgnoring(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const real = Buffer.from('\ufffd');
  return Buffer.from(bytes)
    .toString('latin1')
    .split(real.toString('latin1'))
    .map((part) => decoder.decode(Buffer.from(part, 'latin1')).replaceAll('\ufffd', ''))
    .join('\ufffd');
}

function codecName(encoding: string): 'utf8' | 'ascii' | 'latin1' {
  const name = encoding.toLowerCase().replace(/[-_ ]/g, '');
  if (name === 'utf8' || name === 'u8') return 'utf8';
  if (name === 'ascii' || name === 'usascii') return 'ascii';
  if (name === 'latin1' || name === 'iso88591' || name === 'l1') return 'latin1';
  throw fail('LookupError', `the encoding ${encoding} is not supported here; utf-8, ascii and latin-1 are`);
}
